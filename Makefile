# libqcos: `make demo` shows it, `make test` proves it, `make help` lists the rest.

CARGO ?= cargo
CC ?= cc
CXX ?= c++
WARNINGS = -Wall -Wextra -Wpedantic -Werror -O2
C_FLAGS = -std=c99 $(WARNINGS)
CXX_FLAGS = -std=c++17 $(WARNINGS)
LINK = -L$(RELEASE) -lqcos -pthread -Wl,-rpath,'$$ORIGIN/../release'

RELEASE ?= $(or $(CARGO_TARGET_DIR),target)/release
EXAMPLES = $(patsubst examples-c/%.c,target/examples-c/%,$(wildcard examples-c/*.c))
CPP_EXAMPLES = $(patsubst examples-cpp/%.cpp,target/examples-cpp/%,$(wildcard examples-cpp/*.cpp))

# Where `make install` puts things; DESTDIR is in front of all of them.
PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
CMAKEDIR ?= $(LIBDIR)/cmake/qcos
DOCDIR ?= $(PREFIX)/share/doc/libqcos

VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
SOVERSION = $(firstword $(subst ., ,$(VERSION)))
# What a program needs beside libqcos.a, but for what every C compiler adds by itself.
NATIVE_LIBS = -lutil -lrt -lpthread -lm -ldl
SETTINGS = DESTDIR PREFIX BINDIR LIBDIR INCLUDEDIR MANDIR PKGCONFIGDIR CMAKEDIR DOCDIR \
    RELEASE VERSION SOVERSION NATIVE_LIBS
INSTALL_SCRIPT = $(foreach name,$(SETTINGS),$(name)='$($(name))') packaging/install.sh

.DEFAULT_GOAL := help
.PHONY: help build examples examples-cpp install uninstall demo test soak browser-check repeat bench fuzz check abi \
    deny docs msrv deb deb-check packages packages-check recipes-check reproducible \
    platforms check-platforms portable header golden setup clean

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 18

build: ## Build libqcos.so, libqcos.a and the emulator into target/release
	$(CARGO) build --release --locked --package qcos-emulator
	$(CARGO) rustc --release --locked --package libqcos --lib --crate-type cdylib,staticlib
	ln -sf libqcos.so $(RELEASE)/libqcos.so.$(SOVERSION)
	packaging/notices.sh libqcos qcos-emulator >$(RELEASE)/third-party-notices

examples: build $(EXAMPLES) ## Compile the C examples into target/examples-c

target/examples-c/%: examples-c/%.c include/qcos.h $(RELEASE)/libqcos.so
	@mkdir -p $(@D)
	$(CC) $(C_FLAGS) -Iinclude $< -o $@ $(LINK)

examples-cpp: build $(CPP_EXAMPLES) ## Compile the C++ examples into target/examples-cpp

target/examples-cpp/%: examples-cpp/%.cpp include/qcos.hpp include/qcos.h $(RELEASE)/libqcos.so
	@mkdir -p $(@D)
	$(CXX) $(CXX_FLAGS) -Iinclude $< -o $@ $(LINK)

$(RELEASE)/libqcos.so: build

# What is built already is installed as it is: root may have no cargo.
install: ## Install what was built: PREFIX=/usr/local, DESTDIR=, LIBDIR= and more
	@for built in libqcos.so libqcos.a qcos-emulator third-party-notices; do \
	    [ -e $(RELEASE)/$$built ] || { $(MAKE) build && break; } || exit 1; \
	done
	@$(INSTALL_SCRIPT) install

uninstall: ## Remove what was installed, given the same PREFIX and others
	@$(INSTALL_SCRIPT) uninstall

demo: examples ## Run the examples against a local emulator
	scripts/demo.sh

test: setup ## Install what the tests need, and run them all
	scripts/test.sh

soak: setup ## The long versions of the tests that look for rare failures
	QCOS_SOAK=1 $(CARGO) test --locked --release --test chaos --test crowd --test cuts \
	    --test checkpoint --test part_copy

browser-check: ## Have a real browser send the forms of qcos_post_policy (installs Chromium, by apt)
	scripts/setup-tests.sh browser
	$(CARGO) test --locked --test browser -- --ignored

repeat: ## Run the tests fifty times, to find those that fail now and then
	scripts/repeat.sh 50

bench: build ## Measure speed and memory beside other clients, into docs/bench (an hour; a quiet machine)
	scripts/setup-tests.sh bench
	bench/run.py

fuzz: ## Feed what comes from outside with made-up bytes, a minute for each target
	for target in http_reply json_reply xml_reply form path options; do scripts/fuzz.sh $$target 60 || exit 1; done

check: ## Format and lints; warnings are errors
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	for own in sink peers/opendal; do \
	    $(CARGO) fmt --manifest-path bench/$$own/Cargo.toml --check || exit 1; \
	done
	CARGO_TARGET_DIR=target/bench/sink $(CARGO) clippy --locked --manifest-path bench/sink/Cargo.toml \
	    --all-targets -- -D warnings

abi: setup ## Compare the library with the ABI that was promised
	scripts/abi.sh

msrv: ## Compile everything with the oldest Rust that Cargo.toml promises
	scripts/msrv.sh

deny: ## Check the licences and sources of all crates
	scripts/deny.sh

check-platforms: ## Type-check the library and the emulator for Windows and macOS
	scripts/check-platforms.sh

PLATFORMS = aarch64 armv7 i686 s390x musl portable portable-aarch64 windows
platforms: $(PLATFORMS) ## Build for other processors and systems, and run the C programs there

.PHONY: $(filter-out portable,$(PLATFORMS))
$(filter-out portable,$(PLATFORMS)):
	scripts/platforms.sh $@

portable: ## Make libqcos.so for glibc 2.17 and later, x86-64 and aarch64; run it on an old Debian
	scripts/portable.sh x86_64 aarch64
	scripts/platforms.sh portable

docs: setup ## Make the reference of qcos.h and qcos.hpp into target/docs/html
	rm -rf target/docs && mkdir -p target/docs
	QCOS_VERSION=$(VERSION) doxygen docs/Doxyfile

deb: ## Build the Debian packages into target/deb
	scripts/deb.sh

deb-check: build ## The same of what is built already, which takes seconds; lintian looks them over
	@command -v dpkg >/dev/null 2>&1 || { echo "NOT RUN: packages for Debian, which this is not" >&2; exit 0; }; \
	scripts/setup-tests.sh deb && scripts/deb.sh built

packages: ## Build what is published into target/packages: archives, wheels, npm packages, the Go module
	scripts/setup-tests.sh packages
	packaging/packages.sh

packages-check: packages ## Install each of them in a place of its own, and run its quickstart there
	scripts/test-packages.sh

recipes-check: ## Build packages by the recipes of packaging/, from what is committed, and use them
	scripts/test-recipes.sh

reproducible: ## Build twice, with cargo and the source elsewhere, and compare the bytes
	scripts/reproducible.sh

header: ## Write include/qcos.h anew from src/ffi, and what is made from it
	QCOS_WRITE_HEADER=1 $(CARGO) test --quiet --locked --workspace --test header
	QCOS_WRITE_HEADER=1 $(CARGO) test --quiet --locked --workspace --test abi

golden: ## Write tests/wire*.golden anew; read the diff before committing it
	QCOS_WRITE_GOLDEN=1 $(CARGO) test --quiet --locked --test wire --test wire_xml

setup: ## Install the tools that the tests run (as root, by apt; else it says which)
	scripts/setup-tests.sh

clean: ## Remove everything that was built
	$(CARGO) clean
	rm -rf emulator/tests/node/node_modules
