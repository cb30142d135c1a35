# Runs clients_test.py in the environment that python_environment.py made; skipped where it could not.
if(NOT EXISTS ${ENVIRONMENT}/installed)
  message("AWS's clients are not installed: skipped")
  return()
endif()
string(REPLACE "," ";" ARGUMENTS "${ARGUMENTS}")
execute_process(COMMAND ${ENVIRONMENT}/bin/python ${CMAKE_CURRENT_LIST_DIR}/clients_test.py ${ARGUMENTS}
  COMMAND_ERROR_IS_FATAL ANY)
