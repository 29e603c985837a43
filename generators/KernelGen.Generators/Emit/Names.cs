namespace KernelGen.Generators.Emit;

/// <summary>
/// The types that generated text names, by namespace. Text names them by their last part, as a person would; where that part means
/// something else to the user's code, it is written out from <c>global::</c> on.
/// </summary>
internal static class Names
{
    private static readonly (string Namespace, string Types)[] Table =
    [
        ("System", "BitConverter Math MathF MidpointRounding ReadOnlyMemory ReadOnlySpan Span"),
        ("System.Runtime.CompilerServices", "MethodImpl MethodImplAttribute MethodImplOptions Unsafe"),
        ("System.Runtime.InteropServices", "MemoryMarshal"),
        ("System.Runtime.Intrinsics", "Vector128 Vector256 Vector512"),
        (
            "KernelGen",
            "CodeOrder CompressedFormat FloatSpecials FormatCatalog FormatInfo FormatStage IntCode IntLevels ScaleRule ScaleType "
                + "SparseIndex "
                + "SubScaleOrder TernaryCode TieRule"
        ),
        (
            "KernelGen.Kernels.Coding",
            "BlockCodec BlockKernels IBlockFormat IElementFormat IRotatedFormat IRowMaskFormat IRowOutlierFormat RowRotation"
        ),
        (
            "KernelGen.Kernels.Elements",
            "BitPlanes GaussianGrids GroupMath GroupScale MiniFloat NearestLevel RowMask RowOutliers ScaleCodec ScaleLanes " + "SparseBlock"
        ),
        ("KernelGen.Kernels.Products", "MatrixDriver PackedMatrix PlainFloat ProductMatrix RepackedMatrix"),
        ("KernelGen.Kernels.Recipes", "ElementGrid ElementSpec IElementRecipe IInt8Recipe ISuperBlockRecipe ScaleSource"),
        ("KernelGen.Kernels.Vectors", "Lanes128 Lanes256 Lanes512"),
        (
            "KernelGen.Gpu",
            "BitCodes F4 GpuCatalog GpuFormat GpuKernels GpuLattice GpuLayout GpuNumbers GpuRuns GpuScales GpuShape GpuSource GpuTables "
                + "GpuUnit IGpuFormat PlaneCodes TritCodes U2 U4"
        ),
        ("ILGPU", "IntrinsicMath"),
    ];

    private static readonly Dictionary<string, string> Home = Table
        .SelectMany(row => row.Types.Split(' ').Select(type => (type, row.Namespace)))
        .ToDictionary(entry => entry.type, entry => entry.Namespace);

    /// <summary>The names.</summary>
    public static IReadOnlyCollection<string> All => Home.Keys;

    /// <summary>The namespaces that generated files use.</summary>
    public static IEnumerable<string> Namespaces => Table.Select(row => row.Namespace);

    /// <summary>The namespace in which text means a name, or null if it does not mean a type of ours.</summary>
    public static string? NamespaceOf(string name) => Home.TryGetValue(name, out string? home) ? home : null;

    /// <summary>Text in which every type of the table is written out in full.</summary>
    /// <param name="text">The text of a file.</param>
    /// <param name="own">The struct's name: as a type argument it means the struct.</param>
    public static string WrittenOut(string text, string own)
    {
        var result = new System.Text.StringBuilder(text.Length * 5 / 4);
        int at = 0;
        while (at < text.Length)
        {
            int end = EndOfToken(text, at);
            string token = text.Substring(at, end - at);
            if (
                NamespaceOf(token) is { } home
                && !IsQualified(text, at)
                && !IsDeclared(text, at, end)
                && !(token == own && IsArgument(text, at, end))
            )
            {
                result.Append("global::").Append(home).Append('.');
            }
            result.Append(token);
            at = end;
        }
        return result.ToString();
    }

    /// <summary>A word, a comment, a literal, or a single character.</summary>
    private static int EndOfToken(string text, int start)
    {
        int end = start + 1;
        if (IsWord(text[start]) || text[start] == '@')
        {
            while (end < text.Length && IsWord(text[end]))
            {
                end++;
            }
        }
        else if (text[start] == '/' && end < text.Length && text[end] == '/')
        {
            end = text.IndexOf('\n', end);
            end = end < 0 ? text.Length : end;
        }
        else if (text[start] is '"' or '\'')
        {
            while (end < text.Length && text[end] != text[start])
            {
                end += text[end] == '\\' ? 2 : 1;
            }
            end = Math.Min(end + 1, text.Length);
        }
        return end;
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>Whether a word is the member of what precedes it; a range's dots are no member access.</summary>
    private static bool IsQualified(string text, int start) =>
        start > 0
        && (text[start - 1] == '.' ? start < 2 || text[start - 2] != '.' : start > 1 && text[start - 1] == ':' && text[start - 2] == ':');

    /// <summary>Whether a word is the name of a struct that is declared there, or of a member that is set.</summary>
    private static bool IsDeclared(string text, int start, int end) =>
        (start >= 7 && text.Substring(start - 7, 7) == "struct ")
        || (end + 2 < text.Length && text[end] == ' ' && text[end + 1] == '=' && text[end + 2] == ' ');

    private static bool IsArgument(string text, int start, int end) =>
        (start > 0 && text[start - 1] == '<' && end < text.Length && (text[end] is '>' or ','))
        || OwnMembers.Any(member => string.CompareOrdinal(text, end, member, 0, member.Length) == 0);

    /// <summary>Members by which nested types and base lists name the struct itself.</summary>
    private static readonly string[] OwnMembers = [".Spec;", ".Recipe>", ".Kept>", ".Inliers>", ".Rotated>"];
}
