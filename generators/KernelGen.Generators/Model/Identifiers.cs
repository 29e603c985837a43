namespace KernelGen.Generators.Model;

/// <summary>Names as C# writes them.</summary>
internal static class Identifiers
{
    /// <summary>Reserved words, and words that are keywords somewhere: all of them may be names behind an @.</summary>
    private static readonly HashSet<string> Keywords =
    [
        .. (
            "abstract as base bool break byte case catch char checked class const continue decimal default delegate do double else enum "
            + "event explicit extern false finally fixed float for foreach goto if implicit in int interface internal is lock long "
            + "namespace new null object operator out override params private protected public readonly ref return sbyte sealed short "
            + "sizeof stackalloc static string struct switch this throw true try typeof uint ulong unchecked unsafe ushort using virtual "
            + "void volatile while add alias allows and args ascending async await by descending dynamic equals extension field file "
            + "from get global group init into join let managed nameof nint not notnull nuint on or orderby partial record remove "
            + "required scoped select set unmanaged value var when where with yield"
        ).Split(' '),
    ];

    /// <summary>A name that can stand in source.</summary>
    public static string Escape(string name) => Keywords.Contains(name) ? "@" + name : name;

    /// <summary>A dotted name, part by part.</summary>
    public static string EscapeDotted(string name) => string.Join(".", name.Split('.').Select(Escape));
}
