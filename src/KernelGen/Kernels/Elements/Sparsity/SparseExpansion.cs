using System.ComponentModel;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace KernelGen.Kernels.Elements;

/// <summary>
/// Puts kept values back in the places that a bitmap marks, zeros elsewhere. Eight places at a time where vectors can be permuted.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class SparseExpansion
{
    /// <summary>Floats that must be readable behind the last kept value: a step loads eight and uses those it needs.</summary>
    public const int Slack = 8;

    /// <summary>
    /// By byte of a bitmap: for each of its eight places the number of marks below, what a permutation of the kept values takes.
    /// </summary>
    private static readonly ulong[] s_order = Order();

    private static readonly ulong[] s_places = [.. Enumerable.Range(0, 256).Select(PlacesOf)];

    /// <summary>Expands.</summary>
    /// <param name="kept">The kept values in order, then anything; as many values as marks, and <see cref="Slack"/> more.</param>
    /// <param name="bitmap">One bit per place, place 0 in the lowest bit of the first byte.</param>
    /// <param name="values">Receives the values; places past a multiple of eight use the low bits of a last byte.</param>
    public static void Expand(ReadOnlySpan<float> kept, ReadOnlySpan<byte> bitmap, Span<float> values)
    {
        int place = 0,
            next = 0;
        if (Avx2.IsSupported)
        {
            ref float source = ref MemoryMarshal.GetReference(kept),
                target = ref MemoryMarshal.GetReference(values);
            Vector256<int> bit = Vector256.Create(1, 2, 4, 8, 16, 32, 64, 128);
            for (; place <= values.Length - 8 && next <= kept.Length - Slack; place += 8)
            {
                int marks = bitmap[place >> 3];
                Vector256<int> order = Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(s_order[marks]).AsByte());
                Vector256<float> moved = Avx2.PermuteVar8x32(Vector256.LoadUnsafe(ref source, (nuint)next), order);
                Vector256<int> marked = Vector256.Equals(Vector256.Create(marks) & bit, bit);
                (moved.AsInt32() & marked).AsSingle().StoreUnsafe(ref target, (nuint)place);
                next += BitOperations.PopCount((uint)marks);
            }
        }
        for (; place < values.Length; place++)
        {
            values[place] = (bitmap[place >> 3] >> (place & 7) & 1) != 0 ? kept[next++] : 0f;
        }
    }

    /// <summary>Collects the values of marked places, the way back.</summary>
    /// <param name="values">Values, one per place.</param>
    /// <param name="bitmap">One bit per place; of damaged ones only so many marks count as there is room for.</param>
    /// <param name="kept">Receives the values; the last <see cref="Slack"/> of its room may be overwritten with anything.</param>
    /// <returns>How many places were marked, at most the room without the slack.</returns>
    public static int Collect(ReadOnlySpan<float> values, ReadOnlySpan<byte> bitmap, Span<float> kept)
    {
        int place = 0,
            next = 0,
            room = kept.Length - Slack;
        if (Avx2.IsSupported)
        {
            ref float source = ref MemoryMarshal.GetReference(values),
                target = ref MemoryMarshal.GetReference(kept);
            for (; place <= values.Length - 8 && next <= room; place += 8)
            {
                int marks = bitmap[place >> 3];
                Vector256<int> order = Avx2.ConvertToVector256Int32(Vector128.CreateScalarUnsafe(s_places[marks]).AsByte());
                Avx2.PermuteVar8x32(Vector256.LoadUnsafe(ref source, (nuint)place), order).StoreUnsafe(ref target, (nuint)next);
                next += BitOperations.PopCount((uint)marks);
            }
        }
        for (; place < values.Length && next < room; place++)
        {
            kept[next] = values[place];
            next += bitmap[place >> 3] >> (place & 7) & 1;
        }
        return Math.Min(next, room);
    }

    /// <summary>By byte of a bitmap: the marked places in ascending order, a byte each.</summary>
    internal static ulong PlacesOf(int marks)
    {
        ulong places = 0;
        for (int place = 0, next = 0; place < 8; place++)
        {
            if ((marks >> place & 1) != 0)
            {
                places |= (ulong)place << 8 * next++;
            }
        }
        return places;
    }

    private static ulong[] Order()
    {
        var order = new ulong[256];
        for (int marks = 0; marks < 256; marks++)
        {
            for (int place = 0; place < 8; place++)
            {
                order[marks] |= (ulong)BitOperations.PopCount((uint)(marks & (1 << place) - 1)) << 8 * place;
            }
        }
        return order;
    }
}
