// GMime, started once for the process. Included by this folder's sources only.
#pragma once

#include <memory>

#include <gmime/gmime.h>

namespace roe::message {

// Starts GMime if nobody has, and gives the options to parse with; they live as long as the process. [any
// thread]
GMimeParserOptions *gmime_options();

struct ObjectUnref {
    void operator()(void *object) const { g_object_unref(object); }
};
template <class T>
using GObjectOwner = std::unique_ptr<T, ObjectUnref>;

} // namespace roe::message
