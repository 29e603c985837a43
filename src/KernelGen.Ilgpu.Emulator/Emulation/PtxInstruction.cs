using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace ILGPU.Emulation;

/// <summary>An inline PTX instruction: which of the arguments stand where. Those that the emulator knows it executes as the PTX ISA tells.</summary>
internal sealed partial class PtxInstruction
{
    private const string Convert = "cvt.rn.f16x2.f32",
        Multiply = "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32";

    private static readonly ConcurrentDictionary<string, PtxInstruction> s_known = [];

    private readonly string _code;
    private readonly int[][] _operands;

    private PtxInstruction(string text)
    {
        Match match = Form().Match(text.Trim());
        _code = match.Groups["code"].Value;
        _operands =
        [
            .. match
                .Groups["operand"]
                .Captures.Select(capture => Number().Matches(capture.Value).Select(number => int.Parse(number.ValueSpan, null)).ToArray()),
        ];
        int[]? sizes = _code switch
        {
            Convert => [1, 1, 1],
            Multiply => [4, 4, 2, 4],
            _ => null,
        };
        if (!match.Success || sizes is null)
        {
            throw new NotSupportedException($"The emulator does not know the PTX instruction '{text}'; it knows {Convert} and {Multiply}");
        }
        if (!_operands.Select(operand => operand.Length).SequenceEqual(sizes))
        {
            throw new NotSupportedException(
                $"'{text}' has operands of {string.Join(", ", _operands.Select(operand => operand.Length))} registers, {_code} wants {string.Join(", ", sizes)}"
            );
        }
    }

    public static PtxInstruction Of(string text) => s_known.GetOrAdd(text, static text => new PtxInstruction(text));

    /// <summary>An instruction of one thread, whose first argument is the result and the others are in their order.</summary>
    public TResult Execute<TResult, T1, T2>(T1 first, T2 second)
        where TResult : struct
        where T1 : struct
        where T2 : struct
    {
        if (
            _code != Convert
            || _operands is not [[0], [1], [2]]
            || typeof(TResult) != typeof(uint)
            || typeof(T1) != typeof(float)
            || typeof(T2) != typeof(float)
        )
        {
            throw new NotSupportedException(
                $"{_code} with arguments ({typeof(T1).Name}, {typeof(T2).Name}) to {typeof(TResult).Name} in this order is not known to the emulator"
            );
        }
        // d = {a, b}: the first source becomes the upper half
        uint pair =
            (uint)BitConverter.HalfToUInt16Bits((Half)Unsafe.As<T1, float>(ref first)) << 16
            | BitConverter.HalfToUInt16Bits((Half)Unsafe.As<T2, float>(ref second));
        return Unsafe.As<uint, TResult>(ref pair);
    }

    /// <summary>An instruction of a warp; each thread's arguments are in its registers.</summary>
    public void Execute(ReadOnlySpan<EmulatedThread> warp)
    {
        if (_code != Multiply)
        {
            throw warp[0].Error($"{_code} is no instruction of a warp");
        }
        if (warp.Length != Warp.Size)
        {
            throw warp[0].Error($"{_code} wants all {Warp.Size} threads of a warp, there are {warp.Length}");
        }
        MultiplyFragments(warp);
    }

    /// <summary>
    /// D = A·B + C with A 16×16 and B 16×8 of binary16, C and D 16×8 of binary32. Places in the fragments by section "Matrix
    /// Fragments for mma.m16n8k16 with floating point type" of the PTX ISA. Products are exact in binary32, sums rounded one by
    /// one from column 0 on; the ISA leaves order and rounding of sums open.
    /// </summary>
    private void MultiplyFragments(ReadOnlySpan<EmulatedThread> warp)
    {
        Span<float> a = stackalloc float[16 * 16],
            b = stackalloc float[16 * 8];
        for (int lane = 0; lane < warp.Length; lane++)
        {
            int groupId = lane >> 2,
                inGroup = lane & 3;
            for (int i = 0; i < 8; i++)
            {
                int row = i is 0 or 1 or 4 or 5 ? groupId : groupId + 8,
                    column = inGroup * 2 + (i & 1) + (i >= 4 ? 8 : 0);
                a[row * 16 + column] = HalfOf(warp[lane].Registers[_operands[1][i / 2]], i % 2);
            }
            for (int i = 0; i < 4; i++)
            {
                int row = inGroup * 2 + (i & 1) + (i >= 2 ? 8 : 0);
                b[row * 8 + groupId] = HalfOf(warp[lane].Registers[_operands[2][i / 2]], i % 2);
            }
        }
        Span<float> results = stackalloc float[4];
        for (int lane = 0; lane < warp.Length; lane++)
        {
            for (int i = 0; i < 4; i++)
            {
                int row = (lane >> 2) + (i >= 2 ? 8 : 0),
                    column = (lane & 3) * 2 + (i & 1);
                float sum = BitConverter.UInt32BitsToSingle(warp[lane].Registers[_operands[3][i]]);
                for (int k = 0; k < 16; k++)
                {
                    sum += a[row * 16 + k] * b[k * 8 + column];
                }
                results[i] = sum;
            }
            for (int i = 0; i < 4; i++)
            {
                warp[lane].Registers[_operands[0][i]] = BitConverter.SingleToUInt32Bits(results[i]);
            }
        }
    }

    private static float HalfOf(uint register, int index) => (float)BitConverter.UInt16BitsToHalf((ushort)(register >> (16 * index)));

    [GeneratedRegex(@"^(?<code>[\w.]+)\s+(?<operand>%\d+|\{[^}]*\})(\s*,\s*(?<operand>%\d+|\{[^}]*\}))*\s*;$")]
    private static partial Regex Form();

    [GeneratedRegex(@"(?<=%)\d+")]
    private static partial Regex Number();
}
