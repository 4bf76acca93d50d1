import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App } from "./app";
import "./i18n";
import { giveStylesTheirNonce } from "./nonce";
import "./styles.css";

giveStylesTheirNonce();

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
