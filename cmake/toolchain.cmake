# Compiler settings shared by every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(tl-expected REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_library(UNBOUND_LIBRARY unbound REQUIRED)
find_path(UNBOUND_INCLUDE unbound.h REQUIRED)
find_library(PSL_LIBRARY psl REQUIRED)
find_path(PSL_INCLUDE libpsl.h REQUIRED)

add_library(dkimspec_settings INTERFACE)
target_include_directories(dkimspec_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(dkimspec_settings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # Wrong about std::string in g++ 12 (its bug 105651).
  target_compile_options(dkimspec_settings INTERFACE -Wno-restrict)
endif()
if(DKIMSPEC_WERROR)
  target_compile_options(dkimspec_settings INTERFACE -Werror)
endif()
if(DKIMSPEC_SANITIZE)
  # What sanitizers insert confuses this warning (the manual of gcc says so).
  target_compile_options(dkimspec_settings INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_compile_options(dkimspec_settings INTERFACE
    -fsanitize=${DKIMSPEC_SANITIZE} -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(dkimspec_settings INTERFACE
    -fsanitize=${DKIMSPEC_SANITIZE})
endif()
