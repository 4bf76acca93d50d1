// Where the choices of a field come from: this field's values of the items of this settings page.
export interface AddFrom {
  page: string;
  field: string;
}

export function isAddFrom(value: unknown): value is AddFrom {
  return typeof value === "object" && value !== null && "page" in value && typeof value.page === "string" && "field" in value && typeof value.field === "string";
}
