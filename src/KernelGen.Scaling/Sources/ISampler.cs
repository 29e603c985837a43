namespace KernelGen.Scaling;

/// <summary>Turns random bits into two samples per lane.</summary>
internal interface ISampler
{
    void Next<TLanes>(ref RandomLanes<TLanes> random, out TLanes first, out TLanes second)
        where TLanes : struct, ILanes<TLanes>;
}
