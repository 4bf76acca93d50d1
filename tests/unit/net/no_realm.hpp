// Kerberos without a realm, tickets or keytab: nothing of the machine's own comes in.
#pragma once

#include <cstdlib>

#include <gtest/gtest.h>

namespace roe::net {

class NoRealm : public testing::Test {
  protected:
    void SetUp() override {
        setenv("KRB5_CONFIG", "/nonexistent/krb5.conf", 1);
        setenv("KRB5CCNAME", "FILE:/nonexistent/tickets", 1);
        setenv("KRB5_CLIENT_KTNAME", "/nonexistent/keytab", 1);
    }
    void TearDown() override {
        for (const char *name : {"KRB5_CONFIG", "KRB5CCNAME", "KRB5_CLIENT_KTNAME"})
            unsetenv(name);
    }
};

} // namespace roe::net
