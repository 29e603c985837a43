using KernelGen.Kernels.Coding;
using KernelGen.Kernels.Elements;
using KernelGen.Kernels.Recipes;

namespace KernelGen.Tests.Coding;

/// <summary>Recipes that write no width out: every width codes as the reference does.</summary>
public class RecipeDefaultTests
{
    private const int Columns = 3 * 32 + 5;

    [Fact]
    public void Integers_with_offsets_in_two_planes() => Check<Affine5>();

    [Fact]
    public void Small_floats_under_a_power_of_two() => Check<Floats>();

    [Fact]
    public void Searched_scales() => Check<Searched>();

    [Fact]
    public void Halves_without_a_scale() => Check<Halves>();

    [Fact]
    public void A_scale_of_the_tensor() => Check<Scaled>();

    private static void Check<TRecipe>()
        where TRecipe : struct, IElementRecipe<TRecipe>
    {
        Check<TRecipe, ElementArm512<TRecipe>>();
        Check<TRecipe, ElementArm256<TRecipe>>();
        Check<TRecipe, ElementArm128<TRecipe>>();
    }

    private static void Check<TRecipe, TArm>()
        where TRecipe : struct, IElementRecipe<TRecipe>
        where TArm : struct, IElementArm
    {
        const float outside = 0.75f;
        var reference = new ReferenceCoder(TRecipe.Spec);
        int block = TRecipe.Group * TRecipe.Groups,
            bytes = (Columns + block - 1) / block * TRecipe.BlockBytes;
        float[] values = [.. Enumerable.Range(0, Columns).Select(i => MathF.Sin(i * 1.7f) * (i % 11 == 0 ? 9 : 2) + 0.25f)],
            expected = new float[Columns],
            actual = new float[Columns];
        byte[] theirs = new byte[bytes],
            ours = new byte[bytes];
        Array.Fill(ours, (byte)0xA5); // what was there before does not matter
        reference.PackRow(values, default, outside, 0, theirs);
        ElementLoops<TRecipe, TArm>.PackRow(values, default, outside, 0, ours);
        Assert.Equal(theirs, ours);
        reference.UnpackRow(theirs, outside, expected);
        ElementLoops<TRecipe, TArm>.Unpack(ours, outside, actual);
        Assert.Equal(expected, actual);
        int whole = Columns / block * block;
        ElementLoops<TRecipe, TArm>.RoundTrip(values.AsSpan(0, whole), outside, 0, actual, measure: false);
        Assert.Equal(expected[..whole], actual[..whole]);
    }

    private static ElementSpec Spec(ElementGrid element, int blockBytes, ScaleSource source, params CodePlane[] planes) =>
        new()
        {
            Name = "test",
            Element = element,
            Group = 32,
            BlockBytes = blockBytes,
            Planes = planes,
            Source = source,
        };

    private readonly struct Affine5 : IElementRecipe<Affine5>
    {
        public static ElementSpec Spec { get; } =
            new()
            {
                Name = "affine5",
                Element = ElementGrid.Integer(5, IntLevels.Unsigned, IntCode.Offset, TieRule.Up),
                Group = 32,
                BlockBytes = 24,
                Planes = [new(4, 0, CodeOrder.Split, 8, 16), new(1, 4, CodeOrder.LowFirst, 4, 4)],
                Source = ScaleSource.Group,
                Scale = ScaleType.Float16,
                Rule = ScaleRule.AbsMax,
                Unrounded = true,
                Offset = ScaleType.Float16,
                OffsetOffset = 2,
            };

        public static int Widths => 512 | 256 | 128;
        public static int Group => 32;
        public static int Groups => 1;
        public static int BlockBytes => 24;
        public static bool IsScaled => true;
        public static bool HasOffset => true;
    }

    private readonly struct Floats : IElementRecipe<Floats>
    {
        public static ElementSpec Spec { get; } =
            new()
            {
                Name = "floats",
                Element = ElementGrid.Float(2, 1, 1, FloatSpecials.None, TieRule.Even, negativeZero: true, holdsNonFinite: false),
                Group = 32,
                BlockBytes = 17,
                Planes = [new(4, 0, CodeOrder.Split, 1, 16)],
                Source = ScaleSource.Group,
                Scale = ScaleType.E8M0,
                Rule = ScaleRule.MxFloor,
            };

        public static int Widths => 512 | 256 | 128;
        public static int Group => 32;
        public static int Groups => 1;
        public static int BlockBytes => 17;
        public static bool IsScaled => true;
        public static bool HasOffset => false;
    }

    private readonly struct Searched : IElementRecipe<Searched>
    {
        public static ElementSpec Spec { get; } =
            new()
            {
                Name = "searched",
                Element = ElementGrid.Codebook(2, -1.5f, -0.5f, 0.5f, 1.5f),
                Group = 16,
                Groups = 2,
                BlockBytes = 12,
                Planes = [new(2, 0, CodeOrder.LowFirst, 4, 4)],
                Source = ScaleSource.Group,
                Scale = ScaleType.Float16,
                Rule = ScaleRule.MinimiseError,
            };

        public static int Widths => 512 | 256 | 128;
        public static int Group => 16;
        public static int Groups => 2;
        public static int BlockBytes => 12;
        public static bool IsScaled => true;
        public static bool HasOffset => false;
    }

    private readonly struct Halves : IElementRecipe<Halves>
    {
        public static ElementSpec Spec { get; } =
            RecipeDefaultTests.Spec(
                ElementGrid.Float(5, 10, 15, FloatSpecials.Ieee, TieRule.Even, negativeZero: true, holdsNonFinite: true),
                64,
                ScaleSource.None,
                new CodePlane(16, 0, CodeOrder.LowFirst, 0, 64)
            );

        public static int Widths => 512 | 256 | 128;
        public static int Group => 32;
        public static int Groups => 1;
        public static int BlockBytes => 64;
        public static bool IsScaled => false;
        public static bool HasOffset => false;
    }

    private readonly struct Scaled : IElementRecipe<Scaled>
    {
        public static ElementSpec Spec { get; } =
            RecipeDefaultTests.Spec(
                ElementGrid.Integer(8, IntLevels.Symmetric, IntCode.TwosComplement, TieRule.Even),
                32,
                ScaleSource.Tensor,
                new CodePlane(8, 0, CodeOrder.LowFirst, 0, 32)
            );

        public static int Widths => 512 | 256 | 128;
        public static int Group => 32;
        public static int Groups => 1;
        public static int BlockBytes => 32;
        public static bool IsScaled => true;
        public static bool HasOffset => false;
    }
}
