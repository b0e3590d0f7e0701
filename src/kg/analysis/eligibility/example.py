"""An invented firm, with which the pages start."""

from typing import Final

EXAMPLE: Final = """\
firm,item,value,period,source,observed
示例企业,place,longgang,,,
示例企业,specialised-sme,yes,,official-register,2024-03-31
示例企业,AW10,20万元,,user,
示例企业,years-in-segment,6年,2025,user,
示例企业,revenue,5000万元,2023,audit,
示例企业,revenue,5500万元,2024,audit,
示例企业,revenue,6000万元,2025,audit,
示例企业,main-business-share,89.9%,2025,audit,
示例企业,debt-ratio,60%,2025,audit,
示例企业,rd-spend,600万元,2024,audit,
示例企业,rd-spend,700万元,2025,audit,
示例企业,class-1-ip,5,2025,user,
示例企业,segment-market-share,12%,2025,user,
示例企业,platform-score,65,,user,2026-04-26
示例企业,veto-banned-product,yes,,user,
示例企业,adverse-listings,0,,official-register,2026-04-26
示例企业,serious-incidents,0,,official-register,2026-04-26
"""
DAY: Final = "2026-05-01"
