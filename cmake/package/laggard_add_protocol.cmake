# Protocols and methods out of tree.
set(LAGGARD_PACKAGE_DIR ${CMAKE_CURRENT_LIST_DIR})

# laggard_add_protocol(NAME SOURCE...), laggard_add_method(NAME SOURCE...): the plugin libNAME.so in
# the build folder, optimised unless something else is asked for.
function(laggard_add_plugin name)
  if(NOT ARGN)
    message(FATAL_ERROR "plugin ${name}: no sources given")
  endif()
  add_library(${name} MODULE ${ARGN})
  target_link_libraries(${name} PRIVATE laggard::core)
  # What is equal in mathematics is equal bit for bit only without contraction into FMA.
  target_compile_options(${name} PRIVATE -ffp-contract=off)
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    target_compile_options(${name} PRIVATE -O2)
  endif()
  set_target_properties(${name} PROPERTIES PREFIX lib SUFFIX .so
    CXX_STANDARD 20 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
endfunction()

function(laggard_add_protocol name)
  laggard_add_plugin(${name} ${ARGN})
endfunction()

function(laggard_add_method name)
  laggard_add_plugin(${name} ${ARGN})
endfunction()

# laggard_add_conformance_tests(NAME [ARGUMENT...]): tests NAME.sim and NAME.threads, which run
# plugin NAME with the arguments. It must converge to the optimum on either fleet, and on sim a
# second run must equal the first. enable_testing() comes before it.
function(laggard_add_conformance_tests name)
  foreach(fleet sim threads)
    add_test(NAME ${name}.${fleet} COMMAND ${CMAKE_COMMAND}
      -DRUNNER=$<TARGET_FILE:laggard::runner> "-DPLUGIN=--protocol;$<TARGET_FILE:${name}>"
      -DFLEET=${fleet} -DCACHE=${CMAKE_CURRENT_BINARY_DIR}/cache "-DARGUMENTS=${ARGN}"
      -P ${LAGGARD_PACKAGE_DIR}/conformance.cmake)
    # The optimum is solved for once and kept in CACHE: not by two at a time.
    set_tests_properties(${name}.${fleet} PROPERTIES TIMEOUT 120 RESOURCE_LOCK laggard_optimum)
  endforeach()
endfunction()

# laggard_add_method_tests(NAME [ARGUMENT...]): tests NAME.sim, NAME.threads and NAME.local, likewise,
# with protocol sync. All must give the same iterates.
function(laggard_add_method_tests name)
  foreach(fleet sim threads local)
    add_test(NAME ${name}.${fleet} COMMAND ${CMAKE_COMMAND}
      -DRUNNER=$<TARGET_FILE:laggard::runner> "-DPLUGIN=--method;$<TARGET_FILE:${name}>"
      -DFLEET=${fleet} -DSAME_AS=sim -DCACHE=${CMAKE_CURRENT_BINARY_DIR}/cache "-DARGUMENTS=${ARGN}"
      -P ${LAGGARD_PACKAGE_DIR}/conformance.cmake)
    set_tests_properties(${name}.${fleet} PROPERTIES TIMEOUT 120 RESOURCE_LOCK laggard_optimum)
  endforeach()
endfunction()
