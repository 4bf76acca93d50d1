// Who is signed in, and which tenant is looked at.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { http, setCaller } from "./http";
import type { Session } from "./types";

interface SessionState {
  session: Session | null; // null: nobody is
  ended: boolean; // the host has ended it: whoever signs in again finds all as it was
  tenant: string;
  administrates: boolean;
  signIn(name: string, password: string): Promise<void>;
  signOut(): Promise<void>;
  chooseTenant(id: string): void;
}

const Context = createContext<SessionState | null>(null);

export function useSession(): SessionState {
  return useContext(Context)!;
}

function isSameUser(left: Session, right: Session): boolean {
  return left.name === right.name && left.role === right.role && left.tenant === right.tenant;
}

// Each tab of the browser looks at its own tenant, after a reload, too.
const keptTenant = "tenant";

function tenantOf({ role, tenant, tenants }: Session): string {
  const kept = sessionStorage.getItem(keptTenant);
  return role === "Administrator" && kept !== null && tenants.some(({ id }) => id === kept) ? kept : tenant;
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [tenant, setTenant] = useState("");
  const [ended, setEnded] = useState(false);
  const current = useRef<Session | null>(null);

  const take = useCallback(
    (next: Session | null) => {
      const before = current.current;
      current.current = next;
      setEnded(false);
      setSession(next);
      if (before !== null && next !== null && isSameUser(before, next)) {
        setCaller({ csrf: next.csrfToken });
        void queries.invalidateQueries();
        return;
      }
      const looksAt = next === null ? null : tenantOf(next);
      setCaller({ csrf: next?.csrfToken ?? "", tenant: looksAt });
      queries.clear();
      setTenant(looksAt ?? "");
    },
    [queries],
  );

  // A session that the host has ended is noticed by whichever call comes first. In another tab the same user may have
  // signed in anew meanwhile.
  useEffect(() => {
    setCaller({
      signedOut: () => setEnded(current.current !== null),
      renew: async () => {
        const now = await http.get<Session>("/api/me").catch(() => null);
        if (now === null || current.current === null || !isSameUser(current.current, now)) return false;
        setCaller({ csrf: now.csrfToken });
        return true;
      },
    });
    http.get<Session>("/api/me").then(take, () => take(null));
  }, [take]);

  const state = useMemo<SessionState>(
    () => ({
      session: session ?? null,
      ended,
      tenant,
      administrates: session?.role === "Administrator" || session?.role === "TenantAdministrator",
      signIn: async (name, password) => {
        take(await http.post<Session>("/api/login", { name, password }));
      },
      signOut: async () => {
        await http.post("/api/logout").catch(() => undefined);
        sessionStorage.removeItem(keptTenant);
        take(null);
      },
      chooseTenant: (id) => {
        sessionStorage.setItem(keptTenant, id);
        setCaller({ tenant: id });
        queries.clear();
        setTenant(id);
      },
    }),
    [session, ended, tenant, queries, take],
  );
  if (session === undefined) return null;
  return <Context.Provider value={state}>{children}</Context.Provider>;
}
