# Flags of all our own code; libraries come in as SYSTEM and are not held to them.
add_library(roe_options INTERFACE)
target_compile_options(roe_options INTERFACE -Wall -Wextra -Wconversion -Wshadow -Werror -fvisibility=hidden
                       $<$<COMPILE_LANGUAGE:CXX>:-fvisibility-inlines-hidden>
                       # GCC 12 takes joined std::strings for overlapping memory: gcc.gnu.org/PR105651
                       $<$<AND:$<CXX_COMPILER_ID:GNU>,$<NOT:$<CONFIG:Debug>>>:-Wno-restrict>)
if(ROE_SANITIZE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # "The sanitizers tend to increase the rate of false positive warnings": GCC's manual, -fsanitize=address
  target_compile_options(roe_options INTERFACE -Wno-maybe-uninitialized)
endif()

if(ROE_SANITIZE)
  add_compile_options(-fsanitize=${ROE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ROE_SANITIZE})
endif()

find_program(ROE_MOLD mold)
if(ROE_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()

find_program(ROE_CCACHE ccache)
if(ROE_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${ROE_CCACHE})
  # ccache leaves precompiled headers alone unless it is told that the time in them does not matter.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${ROE_CCACHE})
endif()

# What most files read is precompiled in the builds with GCC's sanitizers, as reading it is most of their time.
# Elsewhere not, so that a file which does not include what it needs is seen; the release build, which is made
# most often, does so for tests alone.
option(ROE_PRECOMPILE "Precompile the headers that most files read" OFF)
option(ROE_PRECOMPILE_TESTS "Precompile the headers that most tests read" ${ROE_PRECOMPILE})
set(ROE_PRECOMPILED
  <algorithm> <atomic> <chrono> <condition_variable> <cstdint> <deque> <filesystem> <functional> <map> <memory>
  <mutex> <optional> <set> <string> <string_view> <thread> <unordered_map> <variant> <vector> <nlohmann/json.hpp>)

# GCC 12 warns of more that is not so when std::string came precompiled.
set(ROE_PRECOMPILED_OPTIONS)
if(ROE_PRECOMPILE_TESTS AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  set(ROE_PRECOMPILED_OPTIONS -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
endif()

# Of a target with C++ sources only, many enough to pay for it.
function(roe_precompile target)
  if(ROE_PRECOMPILE)
    target_link_libraries(${target} PRIVATE nlohmann_json::nlohmann_json)
    target_precompile_headers(${target} PRIVATE ${ROE_PRECOMPILED})
    target_compile_options(${target} PRIVATE ${ROE_PRECOMPILED_OPTIONS})
  endif()
endfunction()

# A module of the plugin: a static library named roe_<module>, its headers reached as "<module>/x.hpp".
function(roe_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_library(roe_${name} STATIC ${ARG_SOURCES})
  target_include_directories(roe_${name} PUBLIC ${PROJECT_SOURCE_DIR}/plugin)
  target_link_libraries(roe_${name} PUBLIC ${ARG_USES} PRIVATE roe_options)
  list(LENGTH ARG_SOURCES count)
  if(count GREATER 3)
    roe_precompile(roe_${name})
  endif()
endfunction()

# Tests and the mock host go without the checks of each pointer that is used, which the address sanitizer makes up
# for and which take longer to compile than all the rest of their JSON.
set(ROE_LIGHT_SANITIZE)
if(ROE_SANITIZE MATCHES "undefined")
  set(ROE_LIGHT_SANITIZE -fno-sanitize=null,alignment,vptr,nonnull-attribute,returns-nonnull-attribute)
endif()

# What `check` builds under the sanitizers: the tests that run in a process of their own. Those of the mock host,
# which no mail server can reach, take as long to build as all others and are for `check --full`.
add_custom_target(in_process_tests)
add_custom_target(mock_host_in_process_tests)

# Flags of all tests. What is tested is optimised; the tests themselves are not, as they take longer to build than
# to run, and GCC 12 sees uninitialised strings in braced lists: gcc.gnu.org/PR105593
add_library(roe_test_options INTERFACE)
target_link_libraries(roe_test_options INTERFACE GTest::gmock_main roe_options)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(roe_test_options INTERFACE $<$<CONFIG:Release>:-O0 -Wno-maybe-uninitialized>)
endif()
target_compile_options(roe_test_options INTERFACE ${ROE_PRECOMPILED_OPTIONS} ${ROE_LIGHT_SANITIZE})

# All tests share one precompiled header; it belongs to a program, as those are compiled differently from libraries.
if(ROE_PRECOMPILE_TESTS)
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled.cpp CONTENT "int precompiled();\n")
  add_executable(roe_test_precompiled EXCLUDE_FROM_ALL ${CMAKE_BINARY_DIR}/precompiled.cpp)
  target_link_libraries(roe_test_precompiled PRIVATE roe_test_options nlohmann_json::nlohmann_json)
  target_precompile_headers(roe_test_precompiled PRIVATE ${ROE_PRECOMPILED} <gmock/gmock.h> <gtest/gtest.h>)
endif()

# A GoogleTest program, registered with ctest as one test; label "unit" unless another is given.
function(roe_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_USES} roe_test_options)
  # GMime's flags define a macro that GCC wants to have been there when the header was precompiled.
  if(ROE_PRECOMPILE_TESTS AND NOT name MATCHES "^message_")
    target_link_libraries(${name} PRIVATE nlohmann_json::nlohmann_json)
    target_precompile_headers(${name} REUSE_FROM roe_test_precompiled)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 300)
  if(name MATCHES "^mock_host_")
    add_dependencies(mock_host_in_process_tests ${name})
  else()
    add_dependencies(in_process_tests ${name})
  endif()
endfunction()
