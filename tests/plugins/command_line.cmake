# A plugin on the command line is a protocol like any other.
include(${CMAKE_CURRENT_LIST_DIR}/support.cmake)

build_project(${CMAKE_CURRENT_LIST_DIR}/good ${WORK}/good)
set(plugin ${WORK}/good/libpatient.so)

run(0 --protocol ${plugin} --help)
must_say("${output}" "Protocol patient" "a plugin for tests" "--patience N")
run(0 --help --protocol=${plugin})
must_say("${output}" "--patience N")
run(0 protocols ${plugin})
must_say("${output}" "patient " "source " "--patience N" "rounds of nothing; an integer, 1 to 9 [4]")
run(0 protocols)
must_say("${output}" "  sync ")
must_refuse("protocols;asynk" "did you mean async?")

# Its options are checked like those of others.
must_refuse("--protocol;${plugin};--patience;10" "--patience: 10 ")
must_refuse("--protocol;${plugin};--patienc;3" "did you mean --patience?")
must_refuse("--patience;3" "--patience: unknown option")

# A printed configuration repeats the run, and a result tells where the protocol is from.
set(options --max-rounds 5 --json --quiet)
run(3 --protocol ${plugin} --patience 3 ${options} --output ${WORK}/good/run)
string(JSON name GET "${output}" protocol)
string(JSON digest GET "${output}" schedule_digest)
file(READ ${WORK}/good/run/run.json result)
string(JSON from GET "${result}" plugin)
if(NOT name STREQUAL "patient" OR NOT from STREQUAL plugin)
  message(FATAL_ERROR "the result names ${name} from ${from}")
endif()
run(0 --protocol ${plugin} --patience 3 ${options} --print-config)
file(WRITE ${WORK}/good/config.json "${output}")
run(3 --config ${WORK}/good/config.json)
string(JSON again GET "${output}" schedule_digest)
if(NOT again STREQUAL digest)
  message(FATAL_ERROR "the printed configuration is another run")
endif()
# The command line replaces the file's protocol, and its options go with it.
run(3 --config ${WORK}/good/config.json --protocol sync)

# Its own gamma is not that of the method: the iterates are those of sync.
function(iterates variable)
  run(3 --max-rounds 5 --json ${ARGN})
  string(JSON digest GET "${output}" iterate_digest)
  string(JSON notices GET "${output}" notices)
  set(${variable} ${digest} PARENT_SCOPE)
  set(notices "${notices}" PARENT_SCOPE)
endfunction()
iterates(sync --protocol sync)
iterates(own --protocol ${plugin} --gamma some --quiet)
must_say("${notices}" "--gamma is the option of protocol patient; --method.gamma is that of method admm")
iterates(method --protocol ${plugin} --gamma some --method.gamma 3)
iterates(sync_method --protocol sync --gamma 3)
if(NOT own STREQUAL sync OR NOT method STREQUAL sync_method OR method STREQUAL sync)
  message(FATAL_ERROR "iterates: sync ${sync} ${sync_method}, the plugin ${own} ${method}")
endif()

# By its bare name, in the working directory.
execute_process(COMMAND ${RUNNER} protocols libpatient.so WORKING_DIRECTORY ${WORK}/good
  OUTPUT_VARIABLE output RESULT_VARIABLE code)
must_say("${code} ${output}" "0 patient ")
