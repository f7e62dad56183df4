class Libqcos < Formula
  desc "Client of Tencent Cloud Object Storage (COS), and a local emulator of it"
  homepage "https://github.com/libqcos/libqcos"
  license "MIT"
  head "https://github.com/libqcos/libqcos.git", branch: "main"

  depends_on "rust" => :build

  def install
    system "make", "build"
    system "make", "install", "PREFIX=#{prefix}", "MANDIR=#{man}", "DOCDIR=#{doc}"
  end

  test do
    (testpath/"version.c").write <<~C
      #include <qcos.h>
      int main(void) { return qcos_version_number() == QCOS_VERSION_NUMBER ? 0 : 1; }
    C
    system ENV.cc, "version.c", "-I#{include}", "-L#{lib}", "-lqcos", "-o", "version"
    system "./version"
  end
end
