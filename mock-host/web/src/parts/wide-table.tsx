// A table that is scrolled sideways where it is wider than the screen, by the keyboard, too.
import { Table, type TableProps } from "antd";
import { useEffect, useRef } from "react";

export function WideTable<Row extends object>(props: TableProps<Row>) {
  const place = useRef<HTMLDivElement>(null);
  // The library has no way to say it of the part that it scrolls.
  useEffect(() => place.current!.querySelector(".ant-table-content")?.setAttribute("tabindex", "0"));
  return (
    <div ref={place}>
      <Table<Row> scroll={{ x: "max-content" }} {...props} />
    </div>
  );
}
