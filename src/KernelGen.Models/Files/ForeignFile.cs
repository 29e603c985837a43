using System.Text;

namespace KernelGen.Models;

/// <summary>What lies under a model's name when a download went wrong, known by its first bytes.</summary>
internal static class ForeignFile
{
    private static readonly (byte[] Start, string What)[] Kinds =
    [
        ("version https://git-lfs"u8.ToArray(), "a Git LFS pointer and not the file itself: fetch that with 'git lfs pull'"),
        ("<!doctype"u8.ToArray(), "an HTML page, probably an error or a log-in instead of the download"),
        ("<html"u8.ToArray(), "an HTML page, probably an error or a log-in instead of the download"),
        ("<?xml"u8.ToArray(), "an XML document, probably an error instead of the download"),
        ("PK\u0003\u0004"u8.ToArray(), "a zip archive: a PyTorch checkpoint, perhaps, or an archive to be unpacked first"),
        ([0x80, 0x02], "a Python pickle: a PyTorch checkpoint, which is not read here"),
        ([0x1F, 0x8B], "compressed by gzip: unpack it first"),
        ([0x28, 0xB5, 0x2F, 0xFD], "compressed by zstd: unpack it first"),
    ];

    /// <summary>Throws if a file is something that has a name of its own.</summary>
    /// <param name="source">The file.</param>
    /// <exception cref="ModelFormatException">It is; the message says what.</exception>
    public static void Refuse(ByteSource source)
    {
        var start = new byte[(int)Math.Min(source.Length, 32)];
        source.ReadExactly(start, 0);
        ReadOnlySpan<byte> text = start.AsSpan().TrimStart(" \t\r\n"u8);
        foreach ((byte[] kind, string what) in Kinds)
        {
            if (text.Length >= kind.Length && Ascii.EqualsIgnoreCase(text[..kind.Length], kind) || text.StartsWith(kind))
            {
                throw new ModelFormatException(source.Path, $"this is {what}.");
            }
        }
    }
}
