using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using KernelGen.Kernels.Elements;

namespace KernelGen.Kernels.Recipes;

/// <summary>
/// What is a format's own among formats whose codes stand for one weight each: how one vector of codes becomes levels and back, and how
/// the codes of one group are loaded from a block and stored in it. ElementKernels in KernelGen.Kernels.Coding has the loops around it.
/// </summary>
/// <remarks>
/// A recipe writes out the widths that it is fast with. A width that it leaves out is two of the next narrower one, and 128 bits are
/// elements one at a time, from <see cref="Spec"/>.
/// </remarks>
/// <typeparam name="TSelf">The recipe.</typeparam>
[EditorBrowsable(EditorBrowsableState.Never)]
public interface IElementRecipe<TSelf> : IGroupSize
    where TSelf : struct, IElementRecipe<TSelf>
{
    /// <summary>The format as data.</summary>
    static abstract ElementSpec Spec { get; }

    /// <summary>Bits of the vectors that are written out, added up: of 512, 256 and 128.</summary>
    static abstract int Widths { get; }

    /// <summary>Groups per block.</summary>
    static abstract int Groups { get; }

    /// <summary>Bytes per block.</summary>
    static abstract int BlockBytes { get; }

    /// <summary>Whether levels are multiplied by a scale.</summary>
    static abstract bool IsScaled { get; }

    /// <summary>Whether an offset is added to them.</summary>
    static abstract bool HasOffset { get; }

    /// <summary>Stores the scale of a group and its offset, as codes of their types.</summary>
    static virtual void StoreScale(ref byte block, nint g, uint scale, uint offset) =>
        TSelf.Spec.StoreScale(Bytes(ref block), (int)g, scale, offset);

    /// <summary>Codes to levels.</summary>
    static virtual Vector512<float> Level(Vector512<int> code) =>
        Vector512.Create(TSelf.Level(code.GetLower()), TSelf.Level(code.GetUpper()));

    /// <inheritdoc cref="Level(Vector512{int})"/>
    static virtual Vector256<float> Level(Vector256<int> code) =>
        Vector256.Create(TSelf.Level(code.GetLower()), TSelf.Level(code.GetUpper()));

    /// <inheritdoc cref="Level(Vector512{int})"/>
    static virtual Vector128<float> Level(Vector128<int> code)
    {
        ElementGrid element = TSelf.Spec.Element;
        return Vector128.Create(element.Level(code[0]), element.Level(code[1]), element.Level(code[2]), element.Level(code[3]));
    }

    /// <summary>Levels to the nearest codes.</summary>
    static virtual Vector512<int> Code(Vector512<float> level) =>
        Vector512.Create(TSelf.Code(level.GetLower()), TSelf.Code(level.GetUpper()));

    /// <inheritdoc cref="Code(Vector512{float})"/>
    static virtual Vector256<int> Code(Vector256<float> level) =>
        Vector256.Create(TSelf.Code(level.GetLower()), TSelf.Code(level.GetUpper()));

    /// <inheritdoc cref="Code(Vector512{float})"/>
    static virtual Vector128<int> Code(Vector128<float> level)
    {
        ElementGrid element = TSelf.Spec.Element;
        return Vector128.Create(element.Code(level[0]), element.Code(level[1]), element.Code(level[2]), element.Code(level[3]));
    }

    /// <summary>Decodes group <paramref name="g"/> of a block, exactly as the reference does: no fused multiply–add.</summary>
    /// <param name="block">The block.</param>
    /// <param name="g">The group's number.</param>
    /// <param name="scale">The scale of the row or the tensor, or what multiplies the group's scale.</param>
    /// <param name="values">Receives the group's values.</param>
    static virtual void Decode512(ref byte block, nint g, float scale, ref float values) =>
        TSelf.Decode256(ref block, g, scale, ref values);

    /// <inheritdoc cref="Decode512"/>
    static virtual void Decode256(ref byte block, nint g, float scale, ref float values) =>
        TSelf.Decode128(ref block, g, scale, ref values);

    /// <inheritdoc cref="Decode512"/>
    static virtual void Decode128(ref byte block, nint g, float scale, ref float values) =>
        TSelf.Spec.Decode(Bytes(ref block), (int)g, scale, MemoryMarshal.CreateSpan(ref values, TSelf.Group));

    /// <summary>Stores the codes of group <paramref name="g"/>, those nearest to (value − shift) · inverse.</summary>
    /// <param name="values">The group's values.</param>
    /// <param name="inverse">What values are multiplied by.</param>
    /// <param name="shift">What is subtracted from them.</param>
    /// <param name="block">The block.</param>
    /// <param name="g">The group's number.</param>
    /// <param name="codes">Room for the codes of a group.</param>
    static virtual void Encode512(ref float values, float inverse, float shift, ref byte block, nint g, Span<byte> codes) =>
        TSelf.Encode256(ref values, inverse, shift, ref block, g, codes);

    /// <inheritdoc cref="Encode512"/>
    static virtual void Encode256(ref float values, float inverse, float shift, ref byte block, nint g, Span<byte> codes) =>
        TSelf.Encode128(ref values, inverse, shift, ref block, g, codes);

    /// <inheritdoc cref="Encode512"/>
    static virtual void Encode128(ref float values, float inverse, float shift, ref byte block, nint g, Span<byte> codes) =>
        TSelf.Spec.Encode(MemoryMarshal.CreateReadOnlySpan(ref values, TSelf.Group), inverse, shift, Bytes(ref block), (int)g);

    private static Span<byte> Bytes(ref byte block) => MemoryMarshal.CreateSpan(ref block, TSelf.BlockBytes);
}
