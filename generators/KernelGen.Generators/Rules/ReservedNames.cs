using KernelGen.Generators.Reading;

namespace KernelGen.Generators.Rules;

/// <summary>The members that generated files declare in a format's struct: its own members, and the struct, need other names.</summary>
internal static class ReservedNames
{
    private static readonly HashSet<string> Names =
    [
        .. (
            "Info Pack Unpack RoundTrip PackRows UnpackSegment RoundTripRows TensorScale Probe Repack AsPacked ReadGroup ReadGroups "
            + "ReferencePackRow ReferenceUnpackRow Spec Recipe Integers Kept Inliers Rotated Chosen"
        ).Split(' '),
    ];

    /// <summary>Whether generated text declares a member of this name, or the runtime has one that yours would take the place of.</summary>
    public static bool Contains(string name) => Names.Contains(name);

    public static IEnumerable<Violation> Check(Declaration declaration)
    {
        if (Contains(declaration.TypeName))
        {
            yield return new(Descriptors.ReservedName, null, declaration.TypeName, "a member", declaration.TypeName, "the struct");
        }
        foreach (string member in declaration.Members.Where(Contains))
        {
            yield return new(Descriptors.ReservedName, null, member, "a member", declaration.TypeName, "yours");
        }
    }
}
