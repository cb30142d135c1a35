# The sources of a folder compiled as one, for templates are then instantiated once a folder and not
# once a source: a clean build takes little more than half, and a change compiles its folder again.
# Preset debug and the sanitizers compile each source by itself.
option(LAGGARD_UNITY "Compile the sources of each folder as one" OFF)

# laggard_unity(TARGET...): after all its sources are known.
function(laggard_unity)
  if(NOT LAGGARD_UNITY)
    return()
  endif()
  foreach(target IN LISTS ARGN)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      # It takes a source that is included for a header, where an anonymous type would be a mistake.
      target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
    endif()
    get_target_property(sources ${target} SOURCES)
    foreach(source IN LISTS sources)
      cmake_path(GET source PARENT_PATH folder)
      cmake_path(ABSOLUTE_PATH folder BASE_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR})
      cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
      string(MAKE_C_IDENTIFIER ${folder} group)
      set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${group})
    endforeach()
  endforeach()
endfunction()
