# The plugin's folder as it ships: the library, its manifest, and the libraries that a bare Debian 12 lacks.
#
#   roe_ship(target MANIFEST file [INTO folder])   folder: below the build folder, "plugins" by default
#
# Why it is linked like this: docs/decisions/0001-static-hidden-poco.md
function(roe_ship target)
  cmake_parse_arguments(ARG "" "MANIFEST;INTO" "" ${ARGN})
  if(NOT ARG_INTO)
    set(ARG_INTO plugins)
  endif()
  set(folder ${CMAKE_BINARY_DIR}/${ARG_INTO}/run-on-email)

  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME run-on-email
    LIBRARY_OUTPUT_DIRECTORY ${folder}
    BUILD_WITH_INSTALL_RPATH ON
    INSTALL_RPATH "$ORIGIN/lib"
    LINK_DEPENDS ${PROJECT_SOURCE_DIR}/cmake/exports.map)
  target_link_options(${target} PRIVATE
    -Wl,--version-script=${PROJECT_SOURCE_DIR}/cmake/exports.map
    -Wl,--exclude-libs,ALL -Wl,-Bsymbolic -Wl,--gc-sections
    # OpenSSL's handlers and thread-local destructors outlive dlclose(): the library stays mapped.
    -Wl,-z,nodelete
    -Wl,-z,relro -Wl,-z,now)

  configure_file(${ARG_MANIFEST} ${folder}/manifest.json COPYONLY)

  # The sanitizers' run-time is the host's; such a folder is for tests on this machine only.
  if(ROE_SANITIZE)
    return()
  endif()
  target_link_options(${target} PRIVATE -Wl,--no-undefined)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_link_options(${target} PRIVATE -Wl,--strip-all)
  endif()
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  add_custom_command(TARGET ${target} POST_BUILD
    COMMAND ${Python3_EXECUTABLE} ${PROJECT_SOURCE_DIR}/tools/bundle-libraries
            $<TARGET_FILE:${target}> --poco ${ROE_POCO_ROOT} --re2 ${ROE_RE2_ROOT}
    VERBATIM)
endfunction()
