# What `runner new-method` writes builds and passes its own tests.
include(${CMAKE_CURRENT_LIST_DIR}/support.cmake)

file(REMOVE_RECURSE ${WORK}/written_method)
run(0 new-method first_method --output ${WORK}/written_method)
must_say("${output}" "${WORK}/written_method/first_method")
build_project(${WORK}/written_method/first_method ${WORK}/written_method/build)
must(${CMAKE_CTEST_COMMAND} --test-dir ${WORK}/written_method/build --output-on-failure --no-tests=error)

must_refuse("new-method;admm;--output;${WORK}/written_method" "there is a method admm already")
must_refuse("new-method;2nd" "'2nd' cannot be a name")
