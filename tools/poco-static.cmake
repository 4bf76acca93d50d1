# Read by CMake inside Poco's own project (CMAKE_PROJECT_INCLUDE): what of it is built, and how.
set(CMAKE_BUILD_TYPE Release)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_C_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# In the cache, as Poco's option() predates policy CMP0077 and drops plain variables.
set(BUILD_SHARED_LIBS OFF CACHE BOOL "")
set(POCO_UNBUNDLED ON CACHE BOOL "")
foreach(wanted NET NETSSL CRYPTO UTIL DATA DATA_SQLITE DATA_POSTGRESQL)
  set(ENABLE_${wanted} ON CACHE BOOL "")
endforeach()
foreach(unwanted XML JSON ENCODINGS MONGODB REDIS ZIP PAGECOMPILER PAGECOMPILER_FILE2PAGE ACTIVERECORD
        ACTIVERECORD_COMPILER JWT DATA_MYSQL DATA_ODBC APACHECONNECTOR)
  set(ENABLE_${unwanted} OFF CACHE BOOL "")
endforeach()

# A dozen files in one compilation halve the time. These name their file-local singletons alike.
set(CMAKE_UNITY_BUILD_BATCH_SIZE 12)
function(leave_out_of_unity folder)
  list(TRANSFORM ARGN PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/${folder}/src/")
  set_source_files_properties(${ARGN} TARGET_DIRECTORY ${folder} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
cmake_language(DEFER CALL leave_out_of_unity Foundation
  Base32Decoder.cpp Base64Decoder.cpp LoggingFactory.cpp LoggingRegistry.cpp NamedEvent.cpp NamedMutex.cpp
  NotificationCenter.cpp NotificationQueue.cpp PriorityNotificationQueue.cpp TextEncoding.cpp ThreadLocal.cpp
  ThreadPool.cpp URIStreamOpener.cpp)
cmake_language(DEFER CALL leave_out_of_unity Data StatementImpl.cpp)
