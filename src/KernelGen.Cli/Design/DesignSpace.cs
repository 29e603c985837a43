using KernelGen.Cli.Expressions;

namespace KernelGen.Cli.Design;

/// <summary>
/// The declarations that a search looks at: expressions with lists in braces, of which an entry may be empty or several parts.
/// </summary>
internal static class DesignSpace
{
    private const string Integers = "{int1,int2,int3,int4,int5,int6,int7,int8,int2:midrise,int3:midrise,int4:midrise}",
        Floats = "{e1m1,e2m0,e2m1,e1m2,e3m0,e2m2,e3m1,e2m3,e3m2,e2m4,e3m3,e4m3,e3m4,e2m5}",
        Codebooks = "{nf4,iq4,lm3,lm4,lm8,lm16,lm32,lm64,lm128,lm256}",
        Groups = "g{16,32,64,128,256,512}",
        LongGroups = "g{128,256,512,1024,2048}",
        Outliers = "{,:outliers0.5%,:outliers1%,:outliers2%,:outliers1%@block}",
        Masks = "{sparse24,sparse4of8,sparse25%,sparse50%,sparse75%,sparse50%@block}",
        Searched = "{:minerr,:e4m3:minerr,:ue4m3:minerr}";

    /// <summary>What any values may take.</summary>
    private static readonly string[] Lines =
    [
        .. new[] { Integers, Floats, Codebooks }.SelectMany(elements =>
            new[]
            {
                $"{elements}:{Groups}{Searched}{Outliers}",
                $"{elements}:{Groups}:e4m3:tensor",
                $"{elements}:g{{16,32,64}}:minerr{{:u4,:u6,:u8,:i6,:i8}}{{:super8,:super16}}",
                $"{elements}:{{grow,gtensor}}:gauss",
                $"{elements}:g{{64,128,256}}:minerr:{Masks}",
            }
        ),
        $"{Floats}:{Groups}:e8m0{{,:mxceil}}",
        $"int{{2,3,4,5,6,7,8}}:{Groups}:offset{{:minerr,:bf16:minerr}}{Outliers}",
        $"int{{2,3,4,5,6,7,8}}:full:{Groups}{{:refit,:e4m3:refit}}{Outliers}",
        "int{2,3,4,5,6}:g{16,32,64}:minerr:offset{:u4,:u6,:u8}{:super8,:super16}",
        $"{{ternary:g80,ternary:g160,ternary:g320,sign:g32,sign:g64,sign:g128,sign:g256}}{Outliers}",
        $"vq{{1x16,2x16,2x64,2x256,4x16,4x256,4x4096}}:{LongGroups}{{,:e4m3,:ue4m3}}{Outliers}",
        $"e8p{{2,3,4}}:{LongGroups}{{,:e4m3,:ue4m3}}{Outliers}",
        $"{Trellises}:{LongGroups}{{:states4096,:states16384}}",
        $"{Trellises}:g256:states4096{{:outliers0.5%,:outliers1%}}",
    ];

    /// <summary>What helps values that no Gaussian makes; Gaussian ones are the same rotated.</summary>
    private static readonly string[] Rotated =
    [
        $"{{{string.Join(',', Integers[1..^1], Codebooks[1..^1])}}}:{Groups}:minerr:hadamard{{64,256}}",
        $"{{vq2x16,vq2x64,vq2x256,vq4x256,vq4x4096,e8p2,e8p3,e8p4}}:g{{128,256,512}}:hadamard{{64,256}}",
        $"{Trellises}:g256:states4096:hadamard{{64,256}}",
    ];

    /// <summary>Rates in steps of 1/16 bit.</summary>
    private static string Trellises =>
        $"trellis{{{string.Join(',', Enumerable.Range(16, 53).Select(rate => FormattableString.Invariant($"{rate / 16.0}")))}}}";

    private static readonly Lazy<IReadOnlyList<Candidate>> Plain = new(() => Legal(Lines)),
        WithRotations = new(() => [.. Plain.Value, .. Legal(Rotated)]);

    /// <summary>All legal candidates, each once, always in the same order.</summary>
    /// <param name="rotated">Whether rotations are among them.</param>
    public static IReadOnlyList<Candidate> All(bool rotated) => (rotated ? WithRotations : Plain).Value;

    private static IReadOnlyList<Candidate> Legal(IEnumerable<string> lines) =>
        [.. lines.SelectMany(BraceList.Separate).Distinct().AsParallel().AsOrdered().Select(Candidate.Of).OfType<Candidate>()];
}
