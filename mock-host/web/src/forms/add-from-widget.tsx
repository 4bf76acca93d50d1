// A field whose choices are the items of a settings page ("ui:addFrom"): a new one can be added from here, and is chosen.
import { getWidget, type WidgetProps } from "@rjsf/utils";

import { isAddFrom } from "./add-from";

export function AddFromWidget(props: WidgetProps) {
  const { schema, registry, formContext, options, onChange, disabled, readonly } = props;
  const Choice = getWidget(schema, Array.isArray(schema.enum) ? "select" : "text", registry.widgets);
  const source = options.addFrom;
  return (
    <div className="add-from">
      <Choice {...props} />
      {!disabled && !readonly && isAddFrom(source) && formContext?.adding?.(source, onChange)}
    </div>
  );
}
