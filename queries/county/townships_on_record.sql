-- Which townships are there?
-- One row per township of the register.
select township, kind, households, voters, leader
from townships
order by list_position(['街道', '镇', '管理区'], kind), township
