// Who is signed in, and which tenant is looked at.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

import { http, Problem, setCaller } from "./http";
import type { Session } from "./types";

interface SessionState {
  session: Session | null; // null: nobody is
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

export function SessionProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [tenant, setTenant] = useState("");

  const take = useCallback(
    (next: Session | null) => {
      setCaller({ csrf: next?.csrfToken ?? "", tenant: next?.tenant ?? null });
      queries.clear();
      setTenant(next?.tenant ?? "");
      setSession(next);
    },
    [queries],
  );

  useEffect(() => {
    http.get<Session>("/api/me").then(take, () => take(null));
  }, [take]);

  // A session that the host has ended is noticed by whichever call comes first.
  useEffect(
    () =>
      queries.getQueryCache().subscribe((event) => {
        const error = event.query.state.error;
        if (error instanceof Problem && error.status === 401) take(null);
      }),
    [queries, take],
  );

  const state = useMemo<SessionState>(
    () => ({
      session: session ?? null,
      tenant,
      administrates: session?.role === "Administrator" || session?.role === "TenantAdministrator",
      signIn: async (name, password) => {
        await http.post("/api/login", { name, password });
        take(await http.get<Session>("/api/me"));
      },
      signOut: async () => {
        await http.post("/api/logout").catch(() => undefined);
        take(null);
      },
      chooseTenant: (id) => {
        setCaller({ tenant: id });
        queries.clear();
        setTenant(id);
      },
    }),
    [session, tenant, queries, take],
  );
  if (session === undefined) return null;
  return <Context.Provider value={state}>{children}</Context.Provider>;
}
