# libqcos: `make demo` shows it, `make test` proves it, `make help` lists the rest.

CARGO ?= cargo
CC ?= cc
CXX ?= c++
WARNINGS = -Wall -Wextra -Wpedantic -Werror -O2
C_FLAGS = -std=c99 $(WARNINGS)
CXX_FLAGS = -std=c++17 $(WARNINGS)
LINK = -L$(RELEASE) -lqcos -pthread -Wl,-rpath,'$$ORIGIN/../release'

RELEASE = target/release
EXAMPLES = $(patsubst examples-c/%.c,target/examples-c/%,$(wildcard examples-c/*.c))
CPP_EXAMPLES = $(patsubst examples-cpp/%.cpp,target/examples-cpp/%,$(wildcard examples-cpp/*.cpp))

.DEFAULT_GOAL := help
.PHONY: help build examples examples-cpp demo test soak repeat check header golden setup clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

build: ## Build libqcos.so, libqcos.a and the emulator into target/release
	$(CARGO) build --release --locked --package qcos-emulator
	$(CARGO) rustc --release --locked --package libqcos --lib --crate-type cdylib,staticlib
	ln -sf libqcos.so $(RELEASE)/libqcos.so.0

examples: build $(EXAMPLES) ## Compile the C examples into target/examples-c

target/examples-c/%: examples-c/%.c include/qcos.h $(RELEASE)/libqcos.so
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -Iinclude $< -o $@ $(LINK)

examples-cpp: build $(CPP_EXAMPLES) ## Compile the C++ examples into target/examples-cpp

target/examples-cpp/%: examples-cpp/%.cpp include/qcos.hpp include/qcos.h $(RELEASE)/libqcos.so
	@mkdir -p $(@D)
	$(CXX) $(CXX_FLAGS) -Iinclude $< -o $@ $(LINK)

$(RELEASE)/libqcos.so: build

demo: examples ## Run the examples against a local emulator
	scripts/demo.sh

test: setup ## Install what the tests need, and run them all
	$(CARGO) test --locked --workspace

soak: setup ## The long versions of the tests that look for rare failures
	QCOS_SOAK=1 $(CARGO) test --locked --release --test chaos --test crowd --test cuts \
	    --test checkpoint

repeat: ## Run the library's tests fifty times, to find those that fail now and then
	scripts/repeat.sh 50

check: ## Format and lints; warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

header: ## Write include/qcos.h anew from src/ffi
	QCOS_WRITE_HEADER=1 $(CARGO) test --quiet --locked --test header

golden: ## Write tests/wire.golden anew; read its diff before committing it
	QCOS_WRITE_GOLDEN=1 $(CARGO) test --quiet --locked --test wire

setup: ## Install the tools that the tests run (as root, by apt; else it says which)
	scripts/setup-tests.sh

clean: ## Remove everything that was built
	$(CARGO) clean
	rm -rf emulator/tests/node/node_modules
