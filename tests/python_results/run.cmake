# Installs the package laggard-results into the environment that python_environment.py made, checks its
# types and runs its tests against the files of real runs; skipped where there is no environment.
if(NOT EXISTS ${ENVIRONMENT}/installed)
  message("pandas is not installed: skipped")
  return()
endif()
set(ENV{PYTHONDONTWRITEBYTECODE} 1)
set(ENV{LAGGARD_RUNNER} ${RUNNER})
foreach(command
    "pip;install;--quiet;--no-deps;--no-build-isolation;--force-reinstall;."
    "mypy;--cache-dir;${ENVIRONMENT}/mypy;src;tests"
    "pytest;-q;-p;no:cacheprovider")
  execute_process(COMMAND ${ENVIRONMENT}/bin/python -m ${command} WORKING_DIRECTORY ${PACKAGE}
    COMMAND_ERROR_IS_FATAL ANY)
endforeach()
