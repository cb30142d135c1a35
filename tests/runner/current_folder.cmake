# Programs of the build tree load nothing from the folder that they are started in: with libraries
# there that are none, they start all the same.
foreach(library libcurl.so.4 liblaggard.so.0 libssl.so.3 libfmt.so.9 libboost_json.so.1.81.0)
  file(WRITE ${WORK}/${library} "no library")
endforeach()
string(REPLACE "," ";" programs "${PROGRAMS}")
foreach(program IN LISTS programs)
  execute_process(COMMAND ${program} --help WORKING_DIRECTORY ${WORK}
    RESULT_VARIABLE status OUTPUT_QUIET ERROR_VARIABLE error)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${program}: ${status}: ${error}")
  endif()
endforeach()
