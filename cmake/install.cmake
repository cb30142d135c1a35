# What `cmake --install` puts where: the program, and the package that plugins are built with. All
# paths are relative to one another, so the tree may be moved.
include(CMakePackageConfigHelpers)
set(package_dir lib/cmake/laggard)

set_target_properties(laggard PROPERTIES EXPORT_NAME core)
install(TARGETS laggard runner EXPORT laggardTargets
  RUNTIME DESTINATION bin LIBRARY DESTINATION lib ARCHIVE DESTINATION lib)
install(DIRECTORY core DESTINATION include/laggard FILES_MATCHING PATTERN "*.hpp")
install(FILES ${PROJECT_BINARY_DIR}/generated/laggard/version.hpp
  DESTINATION include/laggard/laggard)

install(EXPORT laggardTargets NAMESPACE laggard:: DESTINATION ${package_dir})
configure_package_config_file(cmake/package/laggardConfig.cmake.in
  ${PROJECT_BINARY_DIR}/package/laggardConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/laggardConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/package/laggardConfig.cmake
  ${PROJECT_BINARY_DIR}/package/laggardConfigVersion.cmake
  cmake/package/laggard_add_protocol.cmake
  cmake/package/conformance.cmake
  DESTINATION ${package_dir})
