using KernelGen.Generators.Reading;

namespace KernelGen.Generators.Rules;

/// <summary>The members that generated files declare in a format's struct: its own members, and the struct, need other names.</summary>
internal static class ReservedNames
{
    private static readonly HashSet<string> Names =
    [
        .. (
            "Info Pack Unpack RoundTrip PackRows UnpackSegment RoundTripRows TensorScale Probe Repack AsPacked "
            + "ReadGroup ReadGroups ReferencePackRow ReferenceUnpackRow EncodeBlock DecodeBlock ReferenceEncodeBlock ReferenceDecodeBlock "
            + "Kept Inliers Rotated Recipe Integers FormatName Group Groups Block BlockBytes RowHeaderBytes ScaleOffset ScaleBytes OffsetOffset "
            + "NibblesOffset NibblesBytes PairsOffset PairsBytes BitsOffset BitsBytes BytesOffset BytesBytes CodesOffset SecondOffset "
            + "SuperScaleOffset SuperOffsetOffset CodeBytes Codes Vectors Dimension Entries IndexBits Grid Multiples Spec Search Searching "
            + "Mask KeptCount OutlierCount RotationSize RotationSeed Chosen TopLevel LowestLevel LevelSpan GaussianScale "
            + "LevelTable BoundaryTable CodeOfRankTable Level Code ChooseScale ChooseScales SquaredError WeightedError RowScale "
            + "RequireFinite Encode EncodeCodes DecodeCodes Decode Error StoreCodes Store Compress Extract "
            + "ReadScale ReadScales ReferenceLevels ReferenceLevel ReferenceCode ReferenceChooseScale ReferenceError ReferenceErrors "
            + "ReferencePackBlock ReferenceUnpackBlock t_encoder"
        ).Split(' '),
    ];

    /// <summary>Whether generated text may declare a member of this name. Those of a vector width end in its bits.</summary>
    public static bool Contains(string name) =>
        Names.Contains(name)
        || new[] { "128", "256", "512" }.Any(width =>
            name.EndsWith(width, StringComparison.Ordinal) && Names.Contains(name.Substring(0, name.Length - width.Length))
        );

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
