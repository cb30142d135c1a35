# laggard_builtin_plugins(KIND): each folder below this one is a method or a protocol whose sources link
# core alone, so they cannot name a fleet, a socket or a clock. The objects register themselves in
# whatever program links laggard_KINDs.
function(laggard_builtin_plugins kind)
  set(all laggard_${kind}s)
  add_library(${all} INTERFACE)
  file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *)
  foreach(name IN LISTS folders)
    if(NOT IS_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/${name})
      continue()
    endif()
    file(GLOB sources CONFIGURE_DEPENDS ${name}/*.cpp)
    add_library(${kind}_${name} OBJECT ${sources})
    target_link_libraries(${kind}_${name} PRIVATE laggard::core)
    target_compile_definitions(${kind}_${name} PRIVATE LAGGARD_BUILTIN)
    laggard_precompiled(${kind}_${name})
    target_sources(${all} INTERFACE $<TARGET_OBJECTS:${kind}_${name}>)
  endforeach()
endfunction()
