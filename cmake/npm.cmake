# Packages of the npm registry, fetched into the folder of the caller as its package-lock.json names them; none of their
# scripts is run. STAMP is set to the file that stands for them.
function(npm_packages stamp)
  set(fetched ${CMAKE_CURRENT_BINARY_DIR}/packages.stamp)
  add_custom_command(OUTPUT ${fetched}
    COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${fetched}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/package.json ${CMAKE_CURRENT_SOURCE_DIR}/package-lock.json
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    COMMENT "Fetching packages from npm" VERBATIM)
  set(${stamp} ${fetched} PARENT_SCOPE)
endfunction()
