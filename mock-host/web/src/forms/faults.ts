// What the host says is wrong with a form, at the fields that it names.
import type { ErrorSchema } from "@rjsf/utils";

import type { FieldFault } from "../api/http";

// "OAuth.TokenEndpoint" and "MoreFilters.all.0.value" lead to their places.
export function faultsAtFields(faults: FieldFault[]): ErrorSchema {
  const root: ErrorSchema = {};
  for (const fault of faults) {
    let place = root as Record<string, unknown>;
    for (const part of fault.field.split(".")) place = (place[part] ??= {}) as Record<string, unknown>;
    place.__errors = [...((place.__errors as string[] | undefined) ?? []), fault.message];
  }
  return root;
}

// Those of one form of several that were sent together, by the names of its own fields.
export function faultsBelow(faults: FieldFault[], start: string): FieldFault[] {
  return faults.flatMap((fault) => (fault.path?.startsWith(start) ? [{ ...fault, field: fault.path.slice(start.length).replaceAll("/", ".") }] : []));
}
