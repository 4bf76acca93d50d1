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
  set(CMAKE_CXX_COMPILER_LAUNCHER ${ROE_CCACHE})
endif()

# The presets that ./check builds take a target's sources eight at a time: reading the headers that all of them
# read is most of the time of compiling them one by one. A file that does not include what it needs is seen by the
# presets "debug" and "fuzz", and by clang-tidy.

# A module of the plugin: a static library named roe_<module>, its headers reached as "<module>/x.hpp".
function(roe_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES" ${ARGN})
  add_library(roe_${name} STATIC ${ARG_SOURCES})
  target_include_directories(roe_${name} PUBLIC ${PROJECT_SOURCE_DIR}/plugin)
  target_link_libraries(roe_${name} PUBLIC ${ARG_USES} PRIVATE roe_options)
endfunction()

# Tests and the mock host go without the checks of each pointer that is used, which the address sanitizer makes up
# for and which take longer to compile than all the rest of their JSON.
set(ROE_LIGHT_SANITIZE)
if(ROE_SANITIZE MATCHES "undefined")
  set(ROE_LIGHT_SANITIZE -fno-sanitize=null,alignment,vptr,nonnull-attribute,returns-nonnull-attribute)
endif()

# What `check` builds under the sanitizers: the tests that run in a process of their own.
add_custom_target(in_process_tests)

# Flags of all tests. What is tested is optimised; the tests themselves are not, as they take longer to build than
# to run, and GCC 12 sees uninitialised strings in braced lists: gcc.gnu.org/PR105593
add_library(roe_test_options INTERFACE)
target_link_libraries(roe_test_options INTERFACE GTest::gmock_main roe_options)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(roe_test_options INTERFACE $<$<CONFIG:Release>:-O0 -Wno-maybe-uninitialized>)
endif()
target_compile_options(roe_test_options INTERFACE ${ROE_LIGHT_SANITIZE})

# A GoogleTest program, registered with ctest as one test; label "unit" unless another is given.
function(roe_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LABELS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_USES} roe_test_options)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  if(NOT ARG_LABELS)
    set(ARG_LABELS unit)
  endif()
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 300)
  add_dependencies(in_process_tests ${name})
endfunction()
