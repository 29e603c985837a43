namespace KernelGen;

/// <summary>
/// Where the parts of a stored block lie: needed to read the bytes of another program, and without effect on bits and error.
/// <c>[Layout(BlockField.Nibbles, BlockField.Scale)]</c> stores the scale behind 4-bit codes. Without it: scales, offsets, then the code
/// planes from wide to narrow; nibbles in <see cref="CodeOrder.Split"/> order, narrower planes in <see cref="CodeOrder.LowFirst"/> order.
/// </summary>
/// <param name="fields">The parts of a block in stored order; every part that the block has must be named once.</param>
[AttributeUsage(AttributeTargets.Struct)]
public sealed class LayoutAttribute(params BlockField[] fields) : Attribute
{
    /// <summary>The parts of a block in stored order; empty means the default order.</summary>
    public BlockField[] Fields { get; } = fields;

    /// <summary>Order of codes in the nibble plane. Default: <see cref="CodeOrder.Split"/>.</summary>
    public CodeOrder Nibbles { get; set; } = CodeOrder.Split;

    /// <summary>Order of codes in the 2-bit plane. Default: <see cref="CodeOrder.LowFirst"/>.</summary>
    public CodeOrder Pairs { get; set; } = CodeOrder.LowFirst;

    /// <summary>Order of codes in the 1-bit plane. Default: <see cref="CodeOrder.LowFirst"/>.</summary>
    public CodeOrder Bits { get; set; } = CodeOrder.LowFirst;

    /// <summary>
    /// Groups in a stored block, 1 or more. In a block of several groups each field holds the entries of all groups
    /// before the next field starts (ggml's NVFP4: four scales, then four times eight bytes of codes).
    /// </summary>
    public int Groups { get; set; } = 1;

    /// <summary>
    /// In a super-block (<see cref="SuperScaleAttribute"/>): the elements over which the nibble plane is split before its
    /// next bytes start; byte j of a span of s elements holds elements j and j + s/2. Default 0: the whole super-block.
    /// </summary>
    public int NibblesSpan { get; set; }

    /// <summary>
    /// The same for the 2-bit plane, whose bytes hold elements j, j + s/4 …; setting it puts the plane in <see cref="CodeOrder.Split"/>
    /// order.
    /// </summary>
    public int PairsSpan { get; set; }

    /// <summary>
    /// The same for the 1-bit plane, whose bytes hold elements j, j + s/8 …; setting it puts the plane in <see cref="CodeOrder.Split"/>
    /// order.
    /// </summary>
    public int BitsSpan { get; set; }
}
