// Routes whose answers hold what plugins say: in the language of the one who asks, as far as the plugins know
// it.
#pragma once

#include <string>

#include "http/router.hpp"
#include "plugins/plugin_set.hpp"

namespace host::http {

class SpokenRoutes {
  public:
    // Both outlive the routes.
    SpokenRoutes(Router &router, const PluginSet &plugins) : router_(router), plugins_(plugins) {}

    void add(std::string method, const std::string &pattern, Access access, Handler handler);

  private:
    Router &router_;
    const PluginSet &plugins_;
};

} // namespace host::http
