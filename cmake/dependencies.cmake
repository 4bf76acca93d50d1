find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(GTest REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS filesystem)

pkg_check_modules(GMIME REQUIRED IMPORTED_TARGET gmime-3.0)
pkg_check_modules(GUMBO REQUIRED IMPORTED_TARGET gumbo)
pkg_check_modules(GSASL REQUIRED IMPORTED_TARGET libgsasl)
pkg_check_modules(GSSAPI REQUIRED IMPORTED_TARGET krb5-gssapi)
pkg_check_modules(IDN2 REQUIRED IMPORTED_TARGET libidn2)

# Sets `root` to where the static library `name` is: `tool` of tools/ builds it unless the root is given.
function(roe_static_library name root file tool)
  if(NOT ${root})
    execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/${tool} ${ARGN}
                    OUTPUT_VARIABLE place OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
    set(${root} ${place} CACHE PATH "Where tools/${tool} put its static ${name}" FORCE)
  endif()
  if(NOT EXISTS "${${root}}/lib/${file}")
    message(FATAL_ERROR "No static ${name} at ${root}='${${root}}': leave it empty and configure again.")
  endif()
endfunction()

# The plugin's Poco is static and hidden, so that it can't be mixed with a host's (docs/decisions/0001).
set(poco_static_options)
if(ROE_SANITIZE MATCHES "thread")
  set(poco_static_options --sanitize thread)
endif()
roe_static_library(Poco ROE_POCO_ROOT libPocoNet.a poco-static ${poco_static_options})
add_library(poco_static INTERFACE)
target_include_directories(poco_static SYSTEM INTERFACE ${ROE_POCO_ROOT}/include)
target_link_directories(poco_static INTERFACE ${ROE_POCO_ROOT}/lib)
target_compile_definitions(poco_static INTERFACE POCO_STATIC POCO_UNBUNDLED POCO_UTIL_NO_XMLCONFIGURATION
                           POCO_UTIL_NO_JSONCONFIGURATION)
target_link_libraries(poco_static INTERFACE
  libPocoDataPostgreSQL.a libPocoDataSQLite.a libPocoData.a libPocoNetSSL.a libPocoUtil.a libPocoNet.a
  libPocoCrypto.a libPocoFoundation.a
  pq sqlite3 OpenSSL::SSL OpenSSL::Crypto pcre z Threads::Threads ${CMAKE_DL_LIBS} rt)

# RE2 likewise (docs/decisions/0009).
roe_static_library(RE2 ROE_RE2_ROOT libre2.a re2-static)
add_library(re2_static INTERFACE)
target_include_directories(re2_static SYSTEM INTERFACE ${ROE_RE2_ROOT}/include)
target_link_libraries(re2_static INTERFACE ${ROE_RE2_ROOT}/lib/libre2.a Threads::Threads)

# The C++ and C libraries for XML that Debian builds so that they can be put into a shared library: static and hidden,
# too (docs/decisions/0016).
pkg_check_modules(PUGIXML REQUIRED pugixml)
pkg_check_modules(EXPAT REQUIRED expat)
function(roe_archive name package file)
  find_library(${package}_ARCHIVE ${file} HINTS ${${package}_LIBDIR} ${${package}_STATIC_LIBRARY_DIRS} REQUIRED)
  add_library(${name} INTERFACE)
  target_include_directories(${name} SYSTEM INTERFACE ${${package}_INCLUDE_DIRS})
  target_link_libraries(${name} INTERFACE ${${package}_ARCHIVE})
endfunction()
roe_archive(pugixml_static PUGIXML libpugixml.a)
roe_archive(expat_static EXPAT libexpat.a)

# The host's Poco is Debian's shared one, as a host of this kind would have it.
add_library(poco_shared INTERFACE)
target_link_libraries(poco_shared INTERFACE
  PocoDataSQLite PocoData PocoNetSSL PocoNet PocoUtil PocoJSON PocoXML PocoCrypto PocoFoundation Threads::Threads)
