// A field with what is wrong with it and its help: the library shows the help in the place of the fault.
import { Templates } from "@rjsf/antd";
import type { FieldTemplateProps } from "@rjsf/utils";

const Field = Templates.FieldTemplate!;

export function FieldTemplate(props: FieldTemplateProps) {
  const { errors, help, rawErrors = [] } = props;
  if (rawErrors.length === 0) return <Field {...props} />;
  const both = (
    <>
      {errors}
      <div className="help-beside-fault">{help}</div>
    </>
  );
  return <Field {...props} help={both} />;
}
