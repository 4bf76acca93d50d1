import { PlusOutlined } from "@ant-design/icons";
import { TranslatableString, type IconButtonProps } from "@rjsf/utils";
import { Button } from "antd";

// With its word: a bare plus does not say what it adds to.
export function AddButton({ disabled, onClick, registry }: IconButtonProps) {
  return (
    <Button icon={<PlusOutlined />} disabled={disabled} onClick={onClick as () => void}>
      {registry.translateString(TranslatableString.AddItemButton)}
    </Button>
  );
}
