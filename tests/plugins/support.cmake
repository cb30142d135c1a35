# What the scripts share. PREFIX: where Laggard is installed.
cmake_minimum_required(VERSION 3.25)
set(PREFIX ${WORK}/prefix)
set(RUNNER ${PREFIX}/bin/runner)

# Runs a command, which must succeed.
function(must)
  execute_process(COMMAND ${ARGN} OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    string(REPLACE ";" " " command "${ARGN}")
    message(FATAL_ERROR "${command}: exit code ${code}\n${output}")
  endif()
endfunction()

# Configures and builds `source` in `build`, from nothing, as a project of its own. No warnings.
function(build_project source build)
  file(REMOVE_RECURSE ${build})
  set(flags -Wall -Wextra -Wpedantic -Wshadow -Werror)
  if(SANITIZE)
    list(APPEND flags -fsanitize=${SANITIZE} -fno-sanitize-recover=all)
  endif()
  list(JOIN flags " " flags)
  must(${CMAKE_COMMAND} -S ${source} -B ${build} -G ${GENERATOR} -DCMAKE_PREFIX_PATH=${PREFIX}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}
    "-DCMAKE_CXX_FLAGS=${flags}")
  must(${CMAKE_COMMAND} --build ${build})
endfunction()

# Sets `output` and `errors` to what the installed runner says to ARGN; it must exit with `code`.
function(run code)
  execute_process(COMMAND ${RUNNER} ${ARGN}
    OUTPUT_VARIABLE out ERROR_VARIABLE err RESULT_VARIABLE exited)
  if(NOT exited EQUAL code)
    message(FATAL_ERROR "runner ${ARGN}: exit code ${exited}, not ${code}\n${err}${out}")
  endif()
  set(output "${out}" PARENT_SCOPE)
  set(errors "${err}" PARENT_SCOPE)
endfunction()

# `text` must hold each of ARGN, literally.
function(must_say text)
  foreach(phrase IN LISTS ARGN)
    string(FIND "${text}" "${phrase}" at)
    if(at EQUAL -1)
      message(FATAL_ERROR "it does not say '${phrase}':\n${text}")
    endif()
  endforeach()
endfunction()

# The runner must refuse `arguments`, a list, in one line that holds each of ARGN.
function(must_refuse arguments)
  run(2 ${arguments})
  message("${errors}")
  if(NOT errors MATCHES "^runner: [^\n]*\n$" OR NOT output STREQUAL "")
    message(FATAL_ERROR "not one line on standard error:\n${errors}${output}")
  endif()
  must_say("${errors}" ${ARGN})
endfunction()
