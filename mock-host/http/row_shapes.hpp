// Rows as the JSON that calls and events show.
#pragma once

#include <nlohmann/json.hpp>

#include "store/jobs.hpp"
#include "store/journal.hpp"
#include "store/tasks.hpp"

namespace host::http {

nlohmann::json to_json(const JobRow &job); // without project, payload and output
nlohmann::json to_json(const TaskRow &task);
nlohmann::json to_json(const JournalRow &row);

} // namespace host::http
