/* orch.tenants/1, offered by a host: whose things the plugin keeps apart, and what an administrator has
 * configured for each. */
#ifndef ORCH_EXT_TENANTS_H
#define ORCH_EXT_TENANTS_H

#include "orch/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define ORCH_EXT_TENANTS "orch.tenants/1"

/* The context under which a host seals the secrets of its configuration: a plugin opens one with
 * orch.secrets/1 `open(ORCH_CONFIGURATION_CONTEXT, text)`. */
#define ORCH_CONFIGURATION_CONTEXT "configuration"

typedef struct orch_tenants {
    uint32_t struct_size;
    uint32_t reserved;
    void *self; /* the host's own; first argument of every function here */

    /* [thread-safe] All tenants, the default one (its id is empty) first. The same from `start` until `stop`.
     * Does not block.
     *
     * result  [{"id", "name", "timeOffset": hours, for display only, "incomingEmail": {...} or null}]
     *
     * `incomingEmail` is the tenant's base mailbox as the section `IncomingEmail` of the configuration has it:
     * "UserName" (the address), "Protocol" (filled in by the host when one server is named), "Login",
     * "Password", "Pop3", "Pop3Port", "Imap", "ImapPort", "ImapFolder", "EWSUrl", "RequireAuthenticate",
     * "UseSsl", "UseStandartNotSSLPort", "RemoveReceived", "Kerberos", "CaCertificate", "CertificateSha256",
     * "ClientCertificate", "MoveTo", "Keyword", "TrustedAuthserv", "OAuth" {"Preset", "Grant", "TokenEndpoint",
     * "ClientId", "ClientSecret", "RefreshToken", "Scope"}. Ports are numbers, switches booleans, all else is
     * text; a member is absent where nothing is configured, and the defaults are the plugin's. The host has
     * checked names and types and that the server of the protocol is there, nothing else.
     *
     * SECRETS  "Password", "ClientCertificate", "OAuth"."ClientSecret" and "OAuth"."RefreshToken" are sealed as
     *          `password-encryptor` made them. The host has found that its keys open them; the plugin opens one
     *          for as long as it needs it. */
    orch_status_t (*list)(void *self, const orch_sink_t *result, orch_error_t *error);
} orch_tenants_t;

#ifdef __cplusplus
}
#endif

#endif /* ORCH_EXT_TENANTS_H */
