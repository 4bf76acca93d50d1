import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { App as Ant, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import ruRU from "antd/locale/ru_RU";
import { lazy, Suspense, useEffect } from "react";
import { HashRouter, Navigate, Route, Routes } from "react-router-dom";

import { Problem } from "./api/http";
import { SessionProvider, useSession } from "./api/session";
import { useWords } from "./i18n";
import { Layout } from "./layout";
import { nonce } from "./nonce";
import { SignIn, SignInAgain } from "./pages/sign-in";
import { Loading } from "./parts/loading";

const Dashboard = lazy(() => import("./pages/dashboard"));
const Tasks = lazy(() => import("./pages/tasks"));
const TaskEditor = lazy(() => import("./pages/task-editor"));
const Messages = lazy(() => import("./pages/messages"));
const Jobs = lazy(() => import("./pages/jobs"));
const JobView = lazy(() => import("./pages/job"));
const Settings = lazy(() => import("./pages/settings"));
const Journal = lazy(() => import("./pages/journal"));
const Plugins = lazy(() => import("./pages/plugins"));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && error instanceof Problem && (error.status === 0 || error.status >= 500),
      staleTime: 5_000,
    },
  },
});

// Colours that can be read on their backgrounds (WCAG AA), and no motion for whoever wants none.
const token = {
  colorPrimary: "#1554ad",
  colorLink: "#1554ad",
  colorLinkHover: "#0e3a78",
  colorLinkActive: "#0e3a78",
  colorError: "#cf1322",
  colorTextPlaceholder: "#6b7280",
  colorTextDescription: "#595959",
  colorTextDisabled: "#595959",
  green7: "#237804",
  gold7: "#874d00",
  motion: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
};

export function App() {
  const { language } = useWords();
  // What plugins say comes in the language that it was asked for in.
  useEffect(() => void queries.invalidateQueries(), [language]);
  return (
    <ConfigProvider
      locale={language === "ru" ? ruRU : enUS}
      csp={{ nonce }}
      theme={{ token, components: { Descriptions: { labelColor: token.colorTextDescription } } }}
    >
      <Ant message={{ getContainer: () => document.getElementById("messages")! }}>
        <QueryClientProvider client={queries}>
          <SessionProvider>
            <HashRouter>
              <Pages />
            </HashRouter>
          </SessionProvider>
        </QueryClientProvider>
      </Ant>
    </ConfigProvider>
  );
}

function Pages() {
  const { session, ended, administrates } = useSession();
  if (session === null) return <SignIn />;
  return (
    <>
      {ended && <SignInAgain />}
      <Layout key={[session.name, session.role, session.tenant].join("/")}>
        <Suspense fallback={<Loading />}>
          <Routes>
            <Route path="/" element={<Dashboard />} />
            <Route path="/tasks" element={<Tasks />} />
            {administrates && <Route path="/tasks/new" element={<TaskEditor />} />}
            {administrates && <Route path="/tasks/:task" element={<TaskEditor />} />}
            <Route path="/triggers/:trigger/messages" element={<Messages />} />
            <Route path="/jobs" element={<Jobs />} />
            <Route path="/jobs/:job" element={<JobView />} />
            {administrates && <Route path="/settings/:page" element={<Settings />} />}
            {administrates && <Route path="/journal" element={<Journal />} />}
            <Route path="/plugins" element={<Plugins />} />
            <Route path="*" element={<Navigate to="/" replace />} />
          </Routes>
        </Suspense>
      </Layout>
    </>
  );
}
