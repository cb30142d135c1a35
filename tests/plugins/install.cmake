# Installs the build, moves what was installed, and runs it there.
include(${CMAKE_CURRENT_LIST_DIR}/support.cmake)

file(REMOVE_RECURSE ${WORK})
must(${CMAKE_COMMAND} --install ${BUILD} --config ${CONFIG} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${PREFIX})
run(0 --quiet)
run(0 --version)
must_say("${output}" "laggard ")

# It finds the data and the worker beside itself, wherever that is.
run(3 --data heart --max-rounds 2 --quiet)
run(3 --fleet local --workers 2 --max-rounds 2 --quiet)
foreach(file LICENSE NOTICE README.md docs/mathematics.md protocols/sync/README.md)
  if(NOT EXISTS ${PREFIX}/share/doc/laggard/${file})
    message(FATAL_ERROR "share/doc/laggard/${file} is not installed")
  endif()
endforeach()
foreach(file data/licenses/heart.txt examples/speculative_backup/CMakeLists.txt deploy/laggard.yaml)
  if(NOT EXISTS ${PREFIX}/share/laggard/${file})
    message(FATAL_ERROR "share/laggard/${file} is not installed")
  endif()
endforeach()

# Nothing in it knows where it was built.
file(GLOB_RECURSE package ${PREFIX}/lib/cmake/*.cmake)
foreach(file IN LISTS package)
  file(READ ${file} text)
  string(FIND "${text}" "${BUILD}" build_at)
  string(FIND "${text}" "${WORK}" work_at)
  if(NOT build_at EQUAL -1 OR NOT work_at EQUAL -1)
    message(FATAL_ERROR "${file} holds a path of the build")
  endif()
endforeach()
