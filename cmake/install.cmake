# What `cmake --install` puts where: the programs, the package that plugins are built with, data,
# examples and documents. All paths are relative to one another, so the tree may be moved.
include(CMakePackageConfigHelpers)
set(package_dir lib/cmake/laggard)
set(doc_dir share/doc/laggard)

set_target_properties(laggard PROPERTIES EXPORT_NAME core)
install(TARGETS laggard runner EXPORT laggardTargets
  RUNTIME DESTINATION bin LIBRARY DESTINATION lib ARCHIVE DESTINATION lib)
foreach(header IN LISTS LAGGARD_PLUGIN_HEADER_FILES)
  get_filename_component(folder ${header} DIRECTORY)
  install(FILES ${header} DESTINATION include/laggard/${folder})
endforeach()
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

# A run finds the data sets by name beside the program, here as where it is installed.
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/share/laggard)
file(CREATE_LINK ${PROJECT_SOURCE_DIR}/data ${PROJECT_BINARY_DIR}/share/laggard/data SYMBOLIC)
install(DIRECTORY data examples DESTINATION share/laggard)
install(DIRECTORY python DESTINATION share/laggard PATTERN tests EXCLUDE PATTERN __pycache__ EXCLUDE)
install(DIRECTORY deploy DESTINATION share/laggard FILES_MATCHING
  PATTERN "*.md" PATTERN "*.yaml" PATTERN "*.tf")
# The package for AWS, where the target lambda_zip has made it.
install(FILES ${PROJECT_BINARY_DIR}/laggard-worker.zip DESTINATION share/laggard/deploy OPTIONAL)

install(FILES LICENSE NOTICE CITATION.cff README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md
  DESTINATION ${doc_dir})
install(FILES cmake/package/copyright DESTINATION ${doc_dir})
install(DIRECTORY docs/ DESTINATION ${doc_dir}/docs)
install(DIRECTORY methods protocols DESTINATION ${doc_dir} FILES_MATCHING PATTERN "README.md")
# The man pages and the completions of shells, which the build makes.
install(DIRECTORY ${PROJECT_BINARY_DIR}/generated/share/ DESTINATION share OPTIONAL)
