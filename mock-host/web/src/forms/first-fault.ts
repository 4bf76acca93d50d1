// Brings the first field at which something is wrong before the person, who may stand at the other end of a long form.
export function showFirstFault(): void {
  // After the next two drawings: the faults have to be shown first, and what was folded away with them unfolded.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const faulty = [...document.querySelectorAll(".ant-form-item-has-error")].find((item) => item.querySelector(".ant-form-item-has-error") === null);
      faulty?.scrollIntoView({ block: "center" });
      faulty?.querySelector<HTMLElement>("input, textarea")?.focus({ preventScroll: true });
    }),
  );
}
