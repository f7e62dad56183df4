{
  description = "Client of Tencent Cloud Object Storage (COS), and a local emulator of it";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      version = (fromTOML (builtins.readFile ./Cargo.toml)).workspace.package.version;
      package = pkgs: pkgs.rustPlatform.buildRustPackage {
        pname = "libqcos";
        inherit version;
        src = self;
        cargoLock.lockFile = ./Cargo.lock;
        # Of the crate types, `make build` takes those that go with LTO.
        buildPhase = "make build";
        installPhase = "patchShebangs packaging && make install PREFIX=$out";
        # They need programs and a network that a build has not.
        doCheck = false;
        meta.license = nixpkgs.lib.licenses.mit;
      };
    in
    {
      packages = nixpkgs.lib.genAttrs systems (system: {
        default = package nixpkgs.legacyPackages.${system};
      });
    };
}
