// What the launcher tells the host by its exit status, when it could not run the job.
#pragma once

namespace host::launcher {

inline constexpr int exit_already_claimed = 75;
inline constexpr int exit_trouble = 74; // no claim was made, or its durability is unknown

} // namespace host::launcher
