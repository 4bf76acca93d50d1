// A table that has room on a wide screen, where its words are wrapped, and is scrolled sideways on others, by the keyboard, too.
import { Grid, Table, type TableProps } from "antd";
import { useEffect, useRef } from "react";

export function WideTable<Row extends object>(props: TableProps<Row>) {
  const place = useRef<HTMLDivElement>(null);
  const wide = Grid.useBreakpoint().xl ?? true;
  // The library has no way to say it of the part that it scrolls.
  useEffect(() => {
    const content = place.current!.querySelector(".ant-table-content");
    if (wide) content?.removeAttribute("tabindex");
    else content?.setAttribute("tabindex", "0");
  });
  return (
    <div ref={place}>
      <Table<Row> size="middle" scroll={wide ? undefined : { x: "max-content" }} {...props} />
    </div>
  );
}
