# How everything is compiled.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
# The same in the build tree as installed. What CMake would write into the build tree alone is padded
# with empty elements, and an empty element is the current folder.
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_INSTALL_RPATH "$ORIGIN/../lib")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without this it keeps nothing that was compiled with precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE_PROGRAM})
endif()

add_library(laggard_options INTERFACE)
# What is equal in mathematics is equal bit for bit only without contraction into FMA.
target_compile_options(laggard_options INTERFACE
  -ffp-contract=off -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False alarms of GCC 12 at "literal" + std::string and where a string is moved (GCC bugs 105651,
  # 105329).
  target_compile_options(laggard_options INTERFACE -Wno-restrict -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
  # So that ccache sees which precompiled header a source is compiled with.
  target_compile_options(laggard_options INTERFACE -fpch-preprocess)
endif()
# Mistakes with memory are to end a program and to be of no use to anybody. That programs are
# independent of their position is the compiler's default.
target_compile_options(laggard_options INTERFACE -fstack-protector-strong -fstack-clash-protection)
target_link_options(laggard_options INTERFACE LINKER:-z,relro,-z,now)
# Sanitizers check the same calls themselves, and without optimisation there is nothing to check by.
if(NOT LAGGARD_SANITIZE AND CMAKE_BUILD_TYPE MATCHES "^Rel")
  target_compile_options(laggard_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
if(LAGGARD_WERROR)
  target_compile_options(laggard_options INTERFACE -Werror)
endif()
if(LAGGARD_SANITIZE)
  target_compile_options(laggard_options INTERFACE
    -fsanitize=${LAGGARD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False alarms of GCC 12 in instrumented code: of std::function in std::regex, and of a fence in
    # Asio that the thread sanitizer does not model.
    target_compile_options(laggard_options INTERFACE -Wno-maybe-uninitialized -Wno-tsan)
  endif()
  target_link_options(laggard_options INTERFACE -fsanitize=${LAGGARD_SANITIZE})
endif()
# What of Asio and Beast is no template is compiled once, in core/io/asio.cpp and
# runners/channels/beast.cpp, and not in every source: a build takes a good part less.
target_compile_definitions(laggard_options INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ALL_NO_LIB
  BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)
