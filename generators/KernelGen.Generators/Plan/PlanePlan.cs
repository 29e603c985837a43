using KernelGen.Generators.Model;

namespace KernelGen.Generators.Plan;

/// <summary>One plane of a block: <c>Bits</c> bits of every code, from bit <c>Shift</c> of the code up.</summary>
/// <param name="Field">Which plane.</param>
/// <param name="Bits">1, 2, 4, or a whole code of 8, 16 or 32.</param>
/// <param name="Shift">Lowest bit of the code that the plane holds.</param>
/// <param name="Order">Where the codes of a group sit.</param>
/// <param name="Offset">First byte in the block, of group 0.</param>
/// <param name="BytesPerGroup">Bytes of one group; the stride of <see cref="CodeOrder.Split"/>.</param>
internal sealed record PlanePlan(BlockField Field, int Bits, int Shift, CodeOrder Order, int Offset, int BytesPerGroup)
{
    public bool IsWhole => Bits >= 8;
}

/// <summary>A field of scales or offsets.</summary>
/// <param name="Type">The stored type.</param>
/// <param name="Offset">First byte in the block, of group 0.</param>
internal sealed record ScalePlan(ScaleType Type, int Offset)
{
    public int Bytes =>
        Type switch
        {
            ScaleType.Float32 => 4,
            ScaleType.Float16 or ScaleType.BFloat16 => 2,
            _ => 1,
        };
}

/// <summary>Where the scale of an element is found.</summary>
internal enum ScaleSource
{
    None,
    Group,
    Row,
    Tensor,
}
